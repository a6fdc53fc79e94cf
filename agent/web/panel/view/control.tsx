// Local reset, silence, restart. After a PIN given under duress the server answers all of it alike, and
// nothing here knows the difference.

import type { Panel } from '../panel.ts';
import { both, t } from '../texts.ts';
import { HoldButton, Outcome, useAct } from './parts.tsx';

export function Control({ panel }: { readonly panel: Panel }) {
  const { asks } = panel;
  const reset = useAct(asks.reset, () => both('resetDone'));
  const mute = useAct(asks.mute, () => both('muteDone'));
  const restart = useAct(asks.restart, () => both('restartDone'));
  return (
    <div class="rows">
      <div class="do">
        <h2>{t('reset')}</h2>
        <p>{t('resetSays')}</p>
        <button type="button" class="act act-main" id="reset" onClick={reset.run}>
          {t('reset')}
        </button>
        <Outcome going={reset.going.value} busy={t('doing')} />
      </div>
      <div class="do">
        <h2>{t('mute')}</h2>
        <p>{t('muteSays')}</p>
        <button type="button" class="act" id="mute" onClick={mute.run}>
          {t('mute')}
        </button>
        <Outcome going={mute.going.value} busy={t('doing')} />
      </div>
      <div class="do">
        <h2>{t('restart')}</h2>
        <p>{t('restartSays')}</p>
        <HoldButton clock={panel.clock} id="restart" text={t('restart')} done={restart.run} />
        <Outcome going={restart.going.value} busy={t('doing')} />
      </div>
    </div>
  );
}
