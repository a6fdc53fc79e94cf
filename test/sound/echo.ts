// Measures the canceller in the simulated room: how much of the echo is left, with one clock and with two,
// after the loudspeaker was moved, and how much of a near voice is lost while the far one speaks.
// A machine that stalls makes late blocks and xruns: such a figure says more about the machine.

import { GateRoomSound } from '#agent/media/sound/sound.ts';
import type { Sound, SoundFrame } from '#agent/ports.ts';
import { type Room, startRoom } from '#agent/sim/sound/room.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { nearGain } from './near.ts';
import { devicesOf, playFrames, voice } from './room.ts';
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
  /** Late blocks of the room, xruns of its cards and faults that were told while it was measured. */
  readonly stalls: number;
}

/** The devices run long before anybody calls. */
const quietFrames = 2_000;
const settleS = 5;
const movedSettleS = 2;
export const nearLoudness = 0.7;
/** From `play` to the microphone. */
const farMs = 80;
/** The near voice is looked for from so much before its time on. */
const slack = rate / 50;
const clock = systemClock();
const nowMs = (): number => clock.now().monoMs;

/** `ppm`: how much faster the microphone's clock goes than the loudspeaker's. */
export async function measureEcho(plan: EchoPlan, ppm = 0): Promise<EchoFigures> {
  // Before anything runs: it takes a while.
  const { aloneS, bothS, movedS } = plan;
  const far = framesOf(tiled(voice('zh'), aloneS + bothS + movedS));
  const near = tiled(voice('en'), bothS);
  const room = await startRoom({ ppm: { speaker: 0, microphone: ppm } });
  const sound = new GateRoomSound({ ...devicesOf(room), clock });
  const captured: SoundFrame[] = [];
  const troubles: string[] = [];
  try {
    sound.open({
      captured: (frame) => captured.push(frame),
      trouble: (_, detail) => troubles.push(detail ?? 'well again'),
    });
    await until(() => captured.length > quietFrames, { withinMs: 90_000, what: 'the microphone' });
    const scene = await play(plan, { room, sound, captured, far, near });
    await sound.close();
    return figuresOf(plan, { ...scene, stalls: scene.stalls + troubles.length });
  } finally {
    await sound.close();
    await room.close();
  }
}

interface Stage {
  readonly room: Room;
  readonly sound: Sound;
  readonly captured: readonly SoundFrame[];
  readonly far: readonly SoundFrame[];
  readonly near: Int16Array;
}

export interface Scene {
  /** What the microphone heard, from the first moment of the far voice on. */
  readonly raw: Int16Array;
  /** The same, from the canceller; some later. */
  readonly out: Int16Array;
  readonly near: Int16Array;
  /** Where `near` begins in `raw`. */
  readonly nearAt: number;
  readonly stalls: number;
}

async function play(
  { aloneS, bothS, movedS }: EchoPlan,
  { room, sound, captured, far, near }: Stage,
): Promise<Scene> {
  const before = stallsOf(await room.figures());
  const stop = await room.record();
  const firstFrame = captured.length;
  const beganMs = nowMs();
  const end = playFrames(far, { sound, clock });
  const playUntil = (seconds: number): Promise<unknown> =>
    until(() => nowMs() - beganMs >= seconds * 1000, {
      withinMs: 2_000 * (seconds + 10),
      what: 'the voice',
    });
  await playUntil(aloneS);
  const nearMs = bothS > 0 ? await room.say(near, nearLoudness) : beganMs;
  await playUntil(aloneS + bothS);
  await room.path(movedS > 0 ? 1 : 0);
  await playUntil(aloneS + bothS + movedS);
  end();
  const { microphone } = await stop();
  const { fromMs, samples } = microphone;
  const cut = Math.round((beganMs - fromMs + farMs) * 48);
  return {
    raw: samples.subarray(cut),
    out: joined(captured.slice(firstFrame)),
    near,
    nearAt: Math.round((nearMs - fromMs) * 48) - cut,
    stalls: stallsOf(await room.figures()) - before,
  };
}

/** What a scene amounts to. */
export function figuresOf({ aloneS, bothS, movedS }: EchoPlan, scene: Scene): EchoFigures {
  const { raw, out, near, nearAt, stalls } = scene;
  const lag = lagOf(raw, out);
  const lossOf = (fromS: number, toS: number): number => {
    const part = (samples: Int16Array, by: number) =>
      powerOf(samples.subarray(fromS * rate + by, toS * rate + by));
    return dbOf(part(raw, 0)) - dbOf(part(out, lag));
  };
  const seconds = Array.from({ length: aloneS - settleS }, (_, n) => settleS + n);
  const movedFromS = aloneS + bothS + movedSettleS;
  const nearIn = (samples: Int16Array, by: number) =>
    nearGain(near, samples.subarray(Math.max(0, nearAt + by - slack)), nearLoudness);
  return {
    returnLossDb: lossOf(settleS, aloneS),
    returnLossWorstDb: Math.min(...seconds.map((from) => lossOf(from, from + 1))),
    nearLossDb: bothS > 0 ? nearIn(raw, 0) - nearIn(out, lag) : null,
    movedReturnLossDb: movedS > 0 ? lossOf(movedFromS, aloneS + bothS + movedS) : null,
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
