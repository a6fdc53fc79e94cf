// Drill or service, across the whole width: what a press means now, how long, and how a real one is told.

import { language } from '../../page/language.ts';
import { spanText } from '../../page/time.ts';
import type { Panel } from '../panel.ts';
import { t } from '../texts.ts';

export function MarkBand({ panel }: { readonly panel: Panel }) {
  const { view, isStale, nowWallMs } = panel.stream;
  if (!view.value || isStale.value || !view.value.daemon) return null;
  const { window, lamp } = view.value;
  const mark = window?.mark ?? lamp.mark;
  if (mark === null) return null;
  return (
    <section class={`band band-${mark}`} aria-label={t(mark)}>
      <p>
        <b>{t(mark)}</b>
        <span>{t('markSays')}</span>
        {window && (
          <span>
            {t('left')} {spanText(window.untilWallMs - nowWallMs.value, language.value)}
          </span>
        )}
        <span class="real">{t('realSays')}</span>
      </p>
    </section>
  );
}
