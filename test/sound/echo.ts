// Measures the canceller in the simulated room: how much of the echo is left, with one clock and with two,
// after the loudspeaker was moved, and how much of a near voice is lost while the far one speaks.
// A machine that stalls makes late blocks and xruns: such a figure says more about the machine.

import { GateRoomSound } from '#agent/media/sound/sound.ts';
import type { SoundFrame } from '#agent/ports.ts';
import { type Room, startRoom } from '#agent/sim/sound/room.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { nearGain } from './near.ts';
import { devicesOf, voice } from './room.ts';
import { dbOf, findIn, framesOf, joined, powerOf, tiled } from './signal.ts';

const rate = 48_000;

/** Seconds. The far voice speaks all the time. */
export interface EchoPlan {
  /** Alone at first; what is left of the echo counts from the fifth second on. */
  readonly aloneS: number;
  /** Then with a near voice; 0: none. */
  readonly bothS: number;
  /** Then the loudspeaker has been moved; 0: not. */
  readonly movedS: number;
}

export interface EchoFigures {
  readonly returnLossDb: number;
  /** The worst second of it. */
  readonly returnLossWorstDb: number;
  readonly nearLossDb: number | null;
  /** From two seconds after the move on. */
  readonly movedReturnLossDb: number | null;
  /** Late blocks of the room and xruns of its cards while it was measured. */
  readonly stalls: number;
}

const settleS = 5;
const movedSettleS = 2;

export async function measureEcho(plan: EchoPlan, ppm = 0): Promise<EchoFigures> {
  const room = await startRoom({ ppm: { speaker: 0, microphone: ppm } });
  const clock = systemClock();
  const sound = new GateRoomSound({ ...devicesOf(room), clock });
  const captured: SoundFrame[] = [];
  try {
    sound.open({
      captured: (frame) => captured.push(frame),
      trouble: (fault, detail) => {
        if (detail !== null) throw new Error(`${fault}: ${detail}`);
      },
    });
    await until(() => captured.length > 50, { withinMs: 10_000, what: 'the microphone' });
    return await measure(plan, room, {
      play: (frame) => sound.play(frame),
      nowMs: () => clock.now().monoMs,
      captured,
    });
  } finally {
    await sound.close();
    await room.close();
  }
}

interface Bench {
  readonly play: (frame: SoundFrame) => void;
  readonly nowMs: () => number;
  readonly captured: readonly SoundFrame[];
}

async function measure(plan: EchoPlan, room: Room, bench: Bench): Promise<EchoFigures> {
  const { captured, nowMs } = bench;
  const { aloneS, bothS, movedS } = plan;
  const far = framesOf(tiled(voice('zh'), aloneS + bothS + movedS));
  const near = tiled(voice('en'), bothS);
  const before = stallsOf(await room.figures());
  const stop = await room.record();
  const firstFrame = captured.length;
  const beganMs = nowMs();
  let played = 0;
  const playUntil = (seconds: number): Promise<unknown> =>
    until(
      () => {
        const due = Math.min(far.length, Math.floor((nowMs() - beganMs) / 10));
        for (; played < due; played++) bench.play(far[played] ?? new Int16Array(480));
        return played >= seconds * 100;
      },
      { withinMs: 2_000 * (seconds + 10), what: 'the voice' },
    );
  await playUntil(aloneS);
  const nearMs = bothS > 0 ? await room.say(near, 0.7) : 0;
  await playUntil(aloneS + bothS);
  await room.path(movedS > 0 ? 1 : 0);
  await playUntil(aloneS + bothS + movedS);
  const { microphone } = await stop();
  const stalls = stallsOf(await room.figures()) - before;
  const out = joined(captured.slice(firstFrame));
  // Seconds of the plan as the microphone has them: the far voice takes some 80 ms to come there.
  const raw = microphone.samples.subarray(Math.round((beganMs - microphone.fromMs + 80) * 48));
  const lag = lagOf(raw, out);
  const lossOf = (fromS: number, toS: number): number => {
    const part = (samples: Int16Array, by: number) =>
      powerOf(samples.subarray(fromS * rate + by, toS * rate + by));
    return dbOf(part(raw, 0)) - dbOf(part(out, lag));
  };
  const seconds = Array.from({ length: aloneS - settleS }, (_, n) => settleS + n);
  const movedFrom = aloneS + bothS + movedSettleS;
  const nearAt =
    Math.round((nearMs - microphone.fromMs) * 48) - (microphone.samples.length - raw.length);
  return {
    returnLossDb: lossOf(settleS, aloneS),
    returnLossWorstDb: Math.min(...seconds.map((from) => lossOf(from, from + 1))),
    nearLossDb: bothS > 0 ? -nearGain(near, out.subarray(nearAt + lag), 0.7) : null,
    movedReturnLossDb: movedS > 0 ? lossOf(movedFrom, aloneS + bothS + movedS) : null,
    stalls,
  };
}

const stallsOf = ({ lateBlocks, xruns }: Awaited<ReturnType<Room['figures']>>): number =>
  lateBlocks + xruns.speaker + xruns.microphone;

/** How much later the same comes out of the canceller: the first half second is not cancelled yet. */
function lagOf(raw: Int16Array, out: Int16Array): number {
  const reach = rate / 5;
  const needle = raw.subarray(rate / 4, (rate * 3) / 4);
  const from = rate / 4 - reach;
  const { at } = findIn(needle, out.subarray(Math.max(0, from), (rate * 3) / 4 + reach));
  return at + Math.max(0, from) - rate / 4;
}
