// Whose terminal it is and what time it is: a clock that runs shows that the page does.

import { language, switchLanguage } from '../../page/language.ts';
import { nextTheme, theme } from '../../page/theme.ts';
import { clockText } from '../../page/time.ts';
import type { Panel } from '../panel.ts';
import { say, t } from '../texts.ts';

export function Bar({ panel }: { readonly panel: Panel }) {
  const { view, nowWallMs, isStale } = panel.stream;
  const known = view.value;
  const place = panel.place.value;
  const note = panel.note.value;
  return (
    <header class="bar">
      <p class="whose">
        <b>{known?.terminal.school || t('title')}</b>
        {known?.terminal.gate && <span>{known.terminal.gate}</span>}
      </p>
      {known && !isStale.value && (
        <p class="clock">
          <time>{clockText(nowWallMs.value, language.value)}</time>
          {known.clock === 'unknown' && <span class="tag">{t('clockUnknown')}</span>}
          {known.muted && <span class="tag">{t('muted')}</span>}
        </p>
      )}
      <p class="note" role="status">
        {note && say(note)}
      </p>
      <span class="bar-acts">
        <button
          type="button"
          class="plain theme"
          data-theme-is={theme.value}
          aria-label={`${t('theme')}: ${t(theme.value)}`}
          title={`${t('theme')}: ${t(theme.value)}`}
          onClick={nextTheme}
        />
        <button
          type="button"
          class="plain"
          lang={language.value === 'zh' ? 'en' : 'zh-CN'}
          onClick={switchLanguage}
        >
          {t('otherLanguage')}
        </button>
        {place === 'guard' && (
          <button type="button" class="plain" id="to-door" onClick={() => panel.atDoor()}>
            {t('work')}
          </button>
        )}
        {place === 'door' && (
          <button type="button" class="plain" onClick={() => panel.leave()}>
            {t('back')}
          </button>
        )}
        {place === 'work' && (
          <button type="button" class="plain" id="logout" onClick={() => void panel.signOut()}>
            {t('logout')}
          </button>
        )}
      </span>
    </header>
  );
}
