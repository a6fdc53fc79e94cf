// The large picture of the case in hand and the hand on it: dragging turns the dome, the wheel brings it
// closer. A picture that stands still says so across itself, for it must not look like a live one.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Desk } from '../desk/desk.ts';
import type { Picture } from '../desk/pictures.ts';
import type { Case } from '../model/case.ts';
import { said, t, whoText } from '../texts.ts';
import type { Acts } from './acts.ts';
import { ActButton } from './parts.tsx';
import { Player } from './player.tsx';
import type { Ui } from './ui.ts';
import { Video } from './video.tsx';

interface Props {
  readonly desk: Desk;
  readonly ui: Ui;
  readonly acts: Acts;
  readonly one: Case;
}

const frozenMs = 2_000;
const wheelMs = 300;
const wheelSpeed = 0.6;
/** Of the picture's half: a trembling hand turns nothing. */
const deadZone = 0.06;

export function PicturePlace({ desk, ui, acts, one }: Props) {
  const picture = desk.pictures.all.value.get(one.terminal);
  return (
    <div class="picture">
      <HandOnPicture desk={desk} terminal={one.terminal}>
        {picture && (
          <Video
            key={one.terminal}
            desk={desk}
            picture={picture}
            id="picture"
            label={`${t('picture')} ${one.identity?.school ?? one.terminal}`}
          />
        )}
        <Said desk={desk} picture={picture} terminal={one.terminal} />
      </HandOnPicture>
      <GateSound desk={desk} ui={ui} picture={picture} />
      <div class="stick">
        <StickSays desk={desk} terminal={one.terminal} />
        <span class="pad">
          {(['left', 'up', 'down', 'right', 'closer', 'wider', 'home'] as const).map((name) => (
            <ActButton key={name} act={acts[name]} look="act-tiny" />
          ))}
        </span>
        <ActButton act={acts.stick} look="act-small" />
      </div>
    </div>
  );
}

function Said({
  desk,
  picture,
  terminal,
}: {
  readonly desk: Desk;
  readonly picture: Picture | undefined;
  readonly terminal: string;
}) {
  const status = picture?.status.value ?? { state: 'none' as const };
  // Looked at every second.
  const isTicking = desk.watch.nowMs.value > 0;
  const still = (picture?.frameMs ?? Number.NEGATIVE_INFINITY) < desk.clock.monoMs() - frozenMs;
  const isFrozen = isTicking && status.state === 'connected' && still;
  const state = isFrozen ? 'frozen' : status.state;
  const detail = 'detail' in status ? status.detail : '';
  const why = 'reason' in status ? said(status.reason) : '';
  return (
    <div class={`picture-says picture-${state}`} id="live-says" data-state={state} role="status">
      {state === 'connected' ? (
        <span class="live">{t('live')}</span>
      ) : (
        <>
          <b>{t(state)}</b> {why} <small>{detail}</small>
        </>
      )}
      {status.state === 'over' && (
        <button type="button" class="plain" onClick={() => desk.pictures.retry(terminal)}>
          {t('tryAgain')}
        </button>
      )}
    </div>
  );
}

interface HandProps {
  readonly desk: Desk;
  readonly terminal: string;
  readonly children: ComponentChildren;
}

function HandOnPicture({ desk, terminal, children }: HandProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element || !desk.may('stick.take')) return;
    let from: { readonly x: number; readonly y: number } | null = null;
    let endWheel: (() => void) | null = null;
    const stop = () => {
      from = null;
      desk.sticks.stop(terminal);
    };
    const down = (event: PointerEvent) => {
      if (event.button !== 0 || (event.target as Element).closest('button')) return;
      from = { x: event.clientX, y: event.clientY };
      element.setPointerCapture(event.pointerId);
    };
    const move = (event: PointerEvent) => {
      if (!from) return;
      const { width, height } = element.getBoundingClientRect();
      const pan = bounded((event.clientX - from.x) / (width / 2));
      const tilt = bounded((from.y - event.clientY) / (height / 2));
      if (Math.hypot(pan, tilt) < deadZone) desk.sticks.stop(terminal);
      else desk.sticks.move(terminal, { pan, tilt });
    };
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      desk.sticks.move(terminal, { zoom: event.deltaY < 0 ? wheelSpeed : -wheelSpeed });
      endWheel?.();
      endWheel = desk.clock.after(wheelMs, () => desk.sticks.stop(terminal));
    };
    element.addEventListener('pointerdown', down);
    element.addEventListener('pointermove', move);
    for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'] as const)
      element.addEventListener(end, stop);
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      stop();
      endWheel?.();
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('pointermove', move);
      for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'] as const)
        element.removeEventListener(end, stop);
      element.removeEventListener('wheel', wheel);
    };
  }, [desk, terminal]);
  return (
    <div ref={place} class="screen" title={t('stickHelp')}>
      {children}
    </div>
  );
}

const bounded = (part: number): number => Math.max(-1, Math.min(1, part));

function StickSays({ desk, terminal }: { readonly desk: Desk; readonly terminal: string }) {
  const holder = desk.watch.terminals.value.get(terminal)?.birth?.stick ?? null;
  const isMine = desk.sticks.mine.value.has(terminal);
  const state = isMine ? 'mine' : holder ? 'taken' : 'free';
  return (
    <span class={`stick-says stick-${state}`} id="stick-says" data-state={state} role="status">
      <b>{t('stick')}</b>{' '}
      {isMine ? t('stickMine') : holder ? `${t('stickOf')} ${whoText(holder)}` : t('stickFree')}
    </span>
  );
}

/** Our voice comes out of the gate room and back in by the dome: not while our microphone is open. */
function GateSound({
  desk,
  ui,
  picture,
}: {
  readonly desk: Desk;
  readonly ui: Ui;
  readonly picture: Picture | undefined;
}) {
  // The stream is another one after each loss.
  const isThere = picture?.status.value.state === 'connected';
  const isHeard = ui.gateSound.value && !desk.calls.speaks.value && isThere;
  const sound = isHeard ? (picture?.live.sound ?? null) : null;
  return (
    <>
      <Player id="gate-sound" stream={sound} />
      {ui.gateSound.value && desk.calls.speaks.value && <p class="hint">{t('gateHeld')}</p>}
    </>
  );
}
