// The bar above: is the line there, is there sound, what time is it, who sits here. A line that is lost and
// a page without sound are said across the whole width, for nobody looks into a corner then.

import type { Desk } from '../desk/desk.ts';
import { isWaiting } from '../model/case.ts';
import { clockText, spanText } from '../model/time.ts';
import { language, switchLanguage, type Text, t, whoText } from '../texts.ts';
import type { Theme, Ui } from './ui.ts';

const themeTexts: { readonly [T in Theme]: Text } = {
  ...{ auto: 'themeAuto', dark: 'themeDark', light: 'themeLight' },
};

interface Props {
  readonly desk: Desk;
  readonly ui: Ui;
  readonly out: () => void;
}

export function Bar({ desk, ui, out }: Props) {
  const { up, sinceMs } = desk.watch.line.value;
  const now = desk.watch.nowMs.value;
  const cases = desk.watch.cases.value;
  const waiting = cases.filter(isWaiting).length;
  const sound = desk.bell.state.value;
  return (
    <header class="bar">
      <h1>{t('title')}</h1>
      <p class="counts">
        <b>{cases.length}</b> {t('openCases')}
        {waiting > 0 && (
          <span class="badge badge-danger">
            {waiting} {t('waiting')}
          </span>
        )}
      </p>
      <p class={`line ${up ? 'is-up' : 'is-down'}`} role="status">
        {up ? t('lineUp') : t('lineDown')}
      </p>
      <p class={`sound sound-${sound}`}>{sound === 'running' ? t('soundOn') : ''}</p>
      <p class="clock">{clockText(now, language.value)}</p>
      <p class="me">{whoText(desk.me)}</p>
      <button type="button" class="plain" onClick={() => ui.nextTheme()}>
        {t('theme')}: {t(themeTexts[ui.theme.value])}
      </button>
      <button type="button" class="plain" onClick={switchLanguage}>
        {t('otherLanguage')}
      </button>
      <button type="button" class="plain" onClick={out}>
        {t('logout')}
      </button>
      {!up && desk.watch.settled.value && (
        <p class="banner banner-danger">
          {t('lineDown')} · {spanText(now - sinceMs, language.value)} · {t('lineStale')}
        </p>
      )}
      {sound === 'held' && <p class="banner banner-act">{t('soundOff')}</p>}
      {sound === 'missing' && <p class="banner banner-danger">{t('soundMissing')}</p>}
    </header>
  );
}
