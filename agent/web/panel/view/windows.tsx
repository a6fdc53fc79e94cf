// Opens and closes the time in which presses are marked. How long it lasts stands above everything, on the
// band that the guard sees, too.

import { useSignal } from '@preact/signals';
import { type Mark, windowMinutesMax } from '../../../core/mark.ts';
import { language } from '../../page/language.ts';
import { clockText } from '../../page/time.ts';
import type { Panel } from '../panel.ts';
import { both, say, t } from '../texts.ts';
import { Outcome, useAct } from './parts.tsx';

export function Windows({ panel }: { readonly panel: Panel }) {
  const window = panel.stream.view.value?.window ?? null;
  const close = useAct(panel.asks.windowClose, () => both('closed'));
  return (
    <>
      <p class="quiet">
        {t('windowSays')} {t('realSays')}
      </p>
      {window ? (
        <div class="do">
          <h2>{say(window.text)}</h2>
          <p>
            {t('by')} {window.by} · {t('until')} {clockText(window.untilWallMs, language.value)}
          </p>
          <button type="button" class="act act-main" id="window-close" onClick={close.run}>
            {t('closeWindow')}
          </button>
        </div>
      ) : (
        <div class="rows">
          <Opener panel={panel} mark="drill" />
          <Opener panel={panel} mark="service" />
        </div>
      )}
      <Outcome going={close.going.value} busy={t('doing')} />
    </>
  );
}

function Opener({ panel, mark }: { readonly panel: Panel; readonly mark: Mark }) {
  const most = windowMinutesMax[mark];
  const minutes = useSignal(most);
  const siren = useSignal(false);
  const { going, run } = useAct(
    () =>
      panel.asks.windowOpen(
        mark === 'drill'
          ? { mark, minutes: minutes.value, siren: siren.value }
          : { mark, minutes: minutes.value, siren: false },
      ),
    () => both('opened'),
  );
  return (
    <div class="do" data-mark={mark}>
      <h2>{t(mark)}</h2>
      <label class="minutes">
        <input
          type="range"
          min={5}
          max={most}
          step={5}
          value={minutes.value}
          onInput={(event) => {
            minutes.value = event.currentTarget.valueAsNumber;
          }}
        />
        <span>
          {minutes.value} {t('minutes')}
        </span>
      </label>
      {mark === 'drill' && (
        <label class="check">
          <input
            type="checkbox"
            checked={siren.value}
            onChange={(event) => {
              siren.value = event.currentTarget.checked;
            }}
          />
          {t('withSiren')}
        </label>
      )}
      <button type="button" class="act" id={`open-${mark}`} onClick={run}>
        {t(mark === 'drill' ? 'openDrill' : 'openService')}
      </button>
      <Outcome going={going.value} busy={t('doing')} />
    </div>
  );
}
