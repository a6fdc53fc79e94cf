// The last alarms, never a silent one: the server does not know of any. Above them what the guard may say of
// those that are open: that it was a mistake.

import type { AlarmView, GuardView } from '../../../panel/api.ts';
import { language } from '../../page/language.ts';
import { dayClock, spanText } from '../../page/time.ts';
import type { Panel } from '../panel.ts';
import { both, say, t } from '../texts.ts';
import { HoldButton, Outcome, scrolls, useAct } from './parts.tsx';

interface Props {
  readonly panel: Panel;
  readonly view: GuardView;
}

export function Alarms({ panel, view }: Props) {
  return (
    <section class="card alarms">
      <h2>{t('alarms')}</h2>
      <Claim panel={panel} view={view} />
      <div class="scroll" ref={scrolls}>
        {view.alarms.length === 0 && <p class="quiet">{t('noAlarms')}</p>}
        <ol>
          {view.alarms.map((alarm) => (
            <Alarm key={alarm.id} panel={panel} alarm={alarm} />
          ))}
        </ol>
      </div>
    </section>
  );
}

function Alarm({ panel, alarm }: { readonly panel: Panel; readonly alarm: AlarmView }) {
  const { kindText, inputName, stepText, mark, presses, raisedWallMs, resolvedWallMs } = alarm;
  const now = panel.stream.nowWallMs.value;
  const isOpen = resolvedWallMs === null;
  return (
    <li class={isOpen ? 'is-open' : ''} data-step={alarm.step}>
      <p>
        {mark && <span class={`tag tag-${mark}`}>{t(mark)}</span>}
        <b>{say(kindText)}</b> {inputName}
        {presses > 1 && (
          <span>
            {' '}
            · {presses} {t('presses')}
          </span>
        )}
        {alarm.falseAlarm && <span class="tag">{t('claimedTitle')}</span>}
      </p>
      <p class="when">
        <b>{say(stepText)}</b>{' '}
        <time dateTime={new Date(raisedWallMs).toISOString()}>
          {dayClock(raisedWallMs, now, language.value)}
        </time>
        {' · '}
        {spanText((resolvedWallMs ?? now) - raisedWallMs, language.value)}
      </p>
    </li>
  );
}

/** Said once, it stays said: what the page shows of it comes from the terminal. */
function Claim({ panel, view }: Props) {
  const { going, run } = useAct(panel.asks.falseAlarm, ({ alarms }) =>
    both(alarms > 0 ? 'claimedSays' : 'claimedNone'),
  );
  const isSaid = view.alarms.some(
    ({ falseAlarm, resolvedWallMs }) => falseAlarm && resolvedWallMs === null,
  );
  if (!view.mayClaim && !isSaid && going.value.how !== 'going') return null;
  return (
    <div class="claim">
      {isSaid && (
        <p class="claimed">
          <b>{t('claimedTitle')}</b> {t('claimedSays')}
        </p>
      )}
      {view.mayClaim && (
        <>
          <HoldButton clock={panel.clock} id="claim" text={t('claim')} done={run} />
          <p class="quiet">{t('claimSays')}</p>
        </>
      )}
      <Outcome going={going.value} busy={t('claiming')} />
    </div>
  );
}
