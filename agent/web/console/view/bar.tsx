// The bar above: is the line there, is there sound, what time is it, who sits here. A line that is lost and
// a page without sound are said across the whole width, for nobody looks into a corner then.

import { language, switchLanguage } from '../../page/language.ts';
import { nextTheme, type Theme, theme } from '../../page/theme.ts';
import { clockText, spanText } from '../../page/time.ts';
import type { Desk } from '../desk/desk.ts';
import { isWaiting } from '../model/case.ts';
import { type Text, t, whoText } from '../texts.ts';
import { WindowBanner } from './window.tsx';

const themeTexts: { readonly [T in Theme]: Text } = {
  ...{ auto: 'themeAuto', dark: 'themeDark', light: 'themeLight' },
};

interface Props {
  readonly desk: Desk;
  readonly out: () => void;
}

export function Bar({ desk, out }: Props) {
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
      <button type="button" class="plain" onClick={nextTheme}>
        {t('theme')}: {t(themeTexts[theme.value])}
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
      <WindowBanner desk={desk} />
      {sound === 'held' && <p class="banner banner-act">{t('soundOff')}</p>}
      {sound === 'missing' && <p class="banner banner-danger">{t('soundMissing')}</p>}
    </header>
  );
}
