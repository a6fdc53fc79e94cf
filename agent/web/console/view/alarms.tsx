// All open cases, one beneath the other: what kills first above, then the oldest. Each keeps its place in
// the list whatever comes; many make the cards smaller and hide none. Below them the terminals that are
// silent, as loud as the city wants them.

import { useEffect, useRef } from 'preact/hooks';
import type { Desk } from '../desk/desk.ts';
import type { Gone } from '../desk/watch.ts';
import { type Case, isWaiting, stepSinceMs } from '../model/case.ts';
import { t, whoText } from '../texts.ts';
import type { Acts } from './acts.ts';
import { ActButton, Ago, KindSign } from './parts.tsx';
import type { Ui } from './ui.ts';
import { Video } from './video.tsx';

interface Props {
  readonly desk: Desk;
  readonly ui: Ui;
  readonly acts: Acts;
}

/** More than so many, and the cards are two lines, or one. */
const roomyMax = 4;
const denseMax = 12;

export function Alarms({ desk, ui, acts }: Props) {
  const cases = desk.watch.cases.value;
  const inHand = desk.hand.id.value;
  const shown = desk.hand.current.value?.terminal;
  const loud = desk.watch.gone.value.filter(
    ({ view, sinceMs, loudness }) =>
      (loudness === 'notice' || loudness === 'alarm') &&
      !ui.noted.value.has(`${view.id}@${sinceMs}`),
  );
  return (
    <section class="alarms" aria-labelledby="alarms-title">
      <div class="section-head">
        <h2 id="alarms-title">{t('alarms')}</h2>
        <ActButton act={acts.next} look="act-small" />
      </div>
      {cases.length === 0 && <p class="quiet">{t('noCase')}</p>}
      <ol class={`cards ${cardsLook(cases.length)}`} id="cases">
        {cases.map((one) => (
          <Card
            key={one.id}
            desk={desk}
            one={one}
            isInHand={one.id === inHand}
            hasPicture={cases.length <= roomyMax && one.terminal !== shown}
          />
        ))}
      </ol>
      {loud.length > 0 && (
        <Silences desk={desk} ui={ui} gone={loud} isOne={cases.length > roomyMax} />
      )}
    </section>
  );
}

const cardsLook = (count: number): string =>
  count > denseMax ? 'is-tight' : count > roomyMax ? 'is-dense' : '';

interface CardProps {
  readonly desk: Desk;
  readonly one: Case;
  readonly isInHand: boolean;
  readonly hasPicture: boolean;
}

function Card({ desk, one, isInHand, hasPicture }: CardProps) {
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => (place.current ? desk.seen.shows(place.current) : undefined), [desk]);
  const { id, terminal, kind, mark, identity, presses, step, taken } = one;
  const picture = desk.pictures.all.value.get(terminal);
  const looks = [
    ...['card', `card-${kind}`, isInHand ? 'is-in-hand' : ''],
    ...[isWaiting(one) ? 'is-waiting' : '', mark ? 'is-marked' : ''],
  ];
  const sinceMs = stepSinceMs(one);
  const isHeld =
    desk.calls.all.value.has(terminal) && desk.calls.active.value?.terminal !== terminal;
  return (
    <li ref={place} data-case={id} data-step={step} class={looks.join(' ')}>
      <button
        type="button"
        aria-current={isInHand ? 'true' : undefined}
        onClick={() => desk.hand.choose(id)}
      >
        <span class="card-kind">
          <KindSign kind={kind} />
          <b>{t(kind)}</b>
          {mark && <b class="mark">{t(mark)}</b>}
          <Ago desk={desk} atMs={one.raisedMs} />
        </span>
        <span class="card-place">
          {identity?.school ?? terminal} <span>{identity?.gate}</span>
        </span>
        <span class="card-step">
          <span class={`step step-${step}`}>{t(step)}</span>
          {taken && <span>{desk.isMe(taken) ? t('mine') : whoText(taken)}</span>}
          {sinceMs !== null && <Ago desk={desk} atMs={sinceMs} />}
          <span class="input">{one.inputName}</span>
          {presses > 1 && <span class="presses">×{presses}</span>}
        </span>
        {one.course?.falseAlarmWallMs && <span class="claim">{t('claim')}</span>}
        {!one.online && <span class="claim">{t('gone')}</span>}
        {isHeld && <span class="claim">{t('onHold')}</span>}
      </button>
      {hasPicture && !isInHand && picture && (
        <Video desk={desk} picture={picture} label={identity?.school ?? terminal} />
      )}
    </li>
  );
}

interface SilencesProps {
  readonly desk: Desk;
  readonly ui: Ui;
  readonly gone: readonly Gone[];
  /** All in one line: the room is the alarms'. */
  readonly isOne: boolean;
}

const silencesMax = 20;

function Silences({ desk, ui, gone, isOne }: SilencesProps) {
  const shown = isOne ? gone.slice(0, 1) : gone.slice(0, silencesMax);
  const note = (noted: readonly Gone[]) => {
    const keys = noted.map(({ view, sinceMs }) => `${view.id}@${sinceMs}`);
    ui.noted.value = new Set([...ui.noted.value, ...keys]);
  };
  return (
    <ul class="silences" aria-label={t('goneAlarm')}>
      {shown.map((one) => (
        <li key={one.view.id} class={`silence silence-${one.loudness}`}>
          <span>
            <b>{t('goneAlarm')}</b> {isOne ? `×${gone.length}` : ''}{' '}
            <Ago desk={desk} atMs={one.sinceMs} /> {one.view.birth?.identity.school ?? one.view.id}{' '}
            <span class="phone-small">{one.view.birth?.identity.gateRoomPhone}</span>
          </span>
          <button type="button" class="plain" onClick={() => note(isOne ? gone : [one])}>
            {t('knownFault')}
          </button>
        </li>
      ))}
    </ul>
  );
}
