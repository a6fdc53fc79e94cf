// The call: how it stands, who is heard, how loud both sides are, and what may be done with it.

import type { Call } from '../desk/calls.ts';
import type { Desk } from '../desk/desk.ts';
import type { Case } from '../model/case.ts';
import { type Text, t, whoText } from '../texts.ts';
import type { Acts } from './acts.ts';
import { ActButton } from './parts.tsx';
import { Player } from './player.tsx';

interface Props {
  readonly desk: Desk;
  readonly acts: Acts;
  readonly one: Case;
}

export function TalkPlace({ desk, acts, one }: Props) {
  const call = desk.calls.all.value.get(one.terminal);
  const active = desk.calls.active.value;
  const state = call?.status.value.state ?? 'none';
  const isElsewhere = active !== null && active.terminal !== one.terminal;
  const elsewhere = isElsewhere ? desk.watch.terminals.value.get(active.terminal) : undefined;
  return (
    <section class={`talk talk-${state}`} aria-label={t('talk')}>
      <p id="talk-says" data-state={state} role="status">
        <b>{t('talk')}</b> {t(state)}
        {call && active !== call && ` · ${t('onHold')}`}
        {isElsewhere &&
          ` · ${t('talking')}: ${elsewhere?.birth?.identity.school ?? active.terminal}`}
      </p>
      <Callers desk={desk} call={call} terminal={one.terminal} />
      <Levels call={call} />
      <MicrophoneSays desk={desk} isOn={active !== null} />
      <span class="talk-acts">
        <ActButton act={acts.hear} />
        <ActButton act={acts.mode} />
        {desk.calls.mode.value === 'hold' && <ActButton act={acts.talkKey} look="act-main" />}
        <ActButton act={acts.floor} />
        <ActButton act={acts.hangUp} />
      </span>
      <Sound call={active} />
    </section>
  );
}

/** Who is in the call, and who of them is heard; told by the terminal to every desk. */
function Callers({
  desk,
  call,
  terminal,
}: {
  readonly desk: Desk;
  readonly call: Call | undefined;
  readonly terminal: string;
}) {
  const callers = desk.watch.terminals.value.get(terminal)?.birth?.callers ?? [];
  const floor = call?.floor.value;
  const isMine = floor?.yours === true;
  const holder = floor && floor.role !== null && floor.user !== null;
  const [asks] = floor?.asking ?? [];
  return (
    <p class="callers" id="floor-says" data-state={isMine ? 'mine' : holder ? 'taken' : 'free'}>
      {isMine ? (
        <b>{t('floorMine')}</b>
      ) : holder ? (
        <>
          {t('floorOf')} <b>{whoText({ role: floor.role ?? '', user: floor.user ?? '' })}</b>
        </>
      ) : null}
      {isMine && asks && (
        <span class="claim">
          {whoText(asks)} {t('floorAsked')}
        </span>
      )}
      {(callers.length > 1 || !isMine) &&
        callers.map(({ session, floor: stand, ...who }) => (
          <span key={session} class={`caller caller-${stand}`}>
            {stand === 'has' ? '◉' : stand === 'asks' ? '✋' : '○'}{' '}
            {desk.isMe(who) ? t('mine') : whoText(who)}
          </span>
        ))}
    </p>
  );
}

function Levels({ call }: { readonly call: Call | undefined }) {
  const { room, caller } = call?.levels.value ?? { room: -100, caller: -100 };
  return (
    <p class="levels">
      <label>
        {t('room')}
        <meter min={-60} max={0} low={-45} value={Math.max(-60, room)} id="level-room" />
      </label>
      <label>
        {t('caller')}
        <meter min={-60} max={0} low={-45} value={Math.max(-60, caller)} id="level-caller" />
      </label>
    </p>
  );
}

function MicrophoneSays({ desk, isOn }: { readonly desk: Desk; readonly isOn: boolean }) {
  const state = desk.calls.microphone.value;
  const says: { readonly [S in typeof state]?: Text } = {
    asking: 'microphoneAsking',
    denied: 'microphoneDenied',
    missing: 'microphoneMissing',
    busy: 'microphoneBusy',
    open: desk.calls.speaks.value ? 'microphoneOpen' : 'microphoneMuted',
  };
  const text = isOn ? says[state] : undefined;
  const speaks = desk.calls.speaks.value;
  return (
    <p class={`microphone ${speaks ? 'is-open' : ''}`} role="status" data-open={speaks}>
      {text ? t(text) : ''}
    </p>
  );
}

function Sound({ call }: { readonly call: Call | null }) {
  // Another stream after each loss.
  const isThere = call?.status.value.state === 'connected';
  return <Player id="call-sound" stream={isThere ? (call?.talk.sound ?? null) : null} />;
}
