// Whether, how late and how whole what one side's microphone heard came out of the other's loudspeaker.

import { findIn } from '#test/sound/signal.ts';
import { until } from '#test/support/wait.ts';
import { burstEveryFrames } from './air.ts';
import { frameSamples, nowMs, type Recording, rate } from './recording.ts';
import { burst, burstMs, timeOf, tonePower } from './signal.ts';
import type { TalkRig } from './talk-rig.ts';

export interface HeardBurst {
  /** 1: itself; of something else 0.2 at most. */
  readonly likeness: number;
  /** From the air at one side to the air at the other. */
  readonly delayMs: number;
}

/** More than this is no accident: other noise of its length and band comes to 0.2. What lacks to 1 is the
 * codec's, and the seams of a machine that was busy elsewhere. */
export const heardAbove = 0.4;
export const notHeardBelow = 0.3;
const triesMax = 12;
/** However the machine stalls. */
const latestMs = 1_500;
/** A piece from the middle is sought: where two clocks are evened out, the whole has a seam. */
const pieceMs = { begin: 60, end: 160 };

/** The one that came through best: a busy machine spoils some, but makes none. */
export const clearest = (heard: readonly HeardBurst[]): HeardBurst =>
  heard.reduce((best, one) => (one.likeness > best.likeness ? one : best));

interface Way {
  readonly from: string;
  readonly to: string;
  /** Of the first burst that the microphone heard. */
  readonly seed: number;
  readonly count?: number;
}

/** The next bursts; waits until they must have come. */
export async function heardBursts(
  rig: TalkRig,
  { from, to, seed, count = 3 }: Way,
): Promise<HeardBurst[]> {
  const every = burstEveryFrames;
  const first = Math.ceil(rig.recording(from, 'microphone').times.length / every);
  const enough = (first + count) * every;
  await until(() => rig.recording(from, 'microphone').times.length >= enough, {
    withinMs: (count + 10) * 2_000,
    what: `${count} bursts of ${from}`,
  });
  const sent = rig.recording(from, 'microphone');
  const heard = rig.recording(to, 'speaker', sent.times[first * every]);
  return Array.from({ length: count }, (_, n) =>
    seek(heard, seed + first + n, sent.times[(first + n) * every] ?? 0),
  );
}

/** Whether it gets through: as many bursts as a machine may spoil, until one is heard. */
export async function isHeard(rig: TalkRig, way: Omit<Way, 'count'>): Promise<boolean> {
  for (let left = triesMax; left > 0; left--) {
    const [one] = await heardBursts(rig, { ...way, count: 1 });
    if (one && one.likeness > heardAbove) return true;
  }
  return false;
}

/** A burst that left at `leftMs`, in what was heard. */
export function seek(heard: Recording, seed: number, leftMs: number): HeardBurst {
  const perMs = rate / 1000;
  const piece = burst(seed).subarray(pieceMs.begin * perMs, pieceMs.end * perMs);
  const begin = heard.times.findIndex((time) => time >= leftMs) * frameSamples;
  if (begin < 0) return { likeness: 0, delayMs: Number.NaN };
  const end = begin + (latestMs + burstMs) * perMs;
  const { likeness, at } = findIn(piece, heard.samples.subarray(begin, end));
  return { likeness, delayMs: timeOf(heard, begin + at) - leftMs - pieceMs.begin };
}

/** A frame so late was held up by the machine, not by the line. */
const stallMs = 30;
/** What a stall of any of the processes may have spoilt: before it, for what was under way, and after. */
const spoilt = { beforeMs: 100, afterMs: 500 };
const pieceSamples = frameSamples / 2;

export interface Gap {
  readonly longestMs: number;
  /** How much of the tone could be judged. */
  readonly judgedMs: number;
}

/** The longest stretch in which a tone is 20 dB below its usual level, in pieces of 5 ms. What a stall of
 * the machine has spoilt, by the clocks of the processes concerned, is not judged. */
export function longestGap(
  heard: Recording,
  hz: number,
  clocks: readonly (readonly number[])[],
): Gap {
  const stalls = [heard.times, ...clocks].flatMap((times) =>
    times.flatMap((time, n) => (time - (times[n - 1] ?? time) > stallMs ? [time] : [])),
  );
  const isSpoilt = (time: number) =>
    stalls.some((stall) => time > stall - spoilt.beforeMs && time < stall + spoilt.afterMs);
  const pieces = heard.times.flatMap((time, n) =>
    [0, 1].map((half) => {
      const at = n * frameSamples + half * pieceSamples;
      const { db } = tonePower(heard.samples.subarray(at, at + pieceSamples), hz);
      return { db, isSpoilt: isSpoilt(time) };
    }),
  );
  const levels = pieces.map(({ db }) => db).sort((a, b) => a - b);
  const usual = levels[Math.floor(levels.length / 2)] ?? 0;
  let [longest, run] = [0, 0];
  for (const piece of pieces) {
    run = !piece.isSpoilt && piece.db < usual - 20 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  const judged = pieces.filter((piece) => !piece.isSpoilt).length;
  return { longestMs: longest * 5, judgedMs: judged * 5 };
}

/** Listens until so much of a tone could be judged. */
export async function toneGap(
  rig: TalkRig,
  { from, to, hz }: { readonly from: string; readonly to: string; readonly hz: number },
  { sinceMs, judgedMs }: { readonly sinceMs: number; readonly judgedMs: number },
): Promise<Gap> {
  const look = (): Gap => {
    const clocks = [from, to].map((where) => rig.recording(where, 'microphone', sinceMs).times);
    return longestGap(rig.recording(to, 'speaker', sinceMs), hz, [...clocks, rig.ticks]);
  };
  // The line runs in this process: whoever looks is in its way.
  let lookMs = Math.max(nowMs(), sinceMs) + judgedMs + spoilt.afterMs;
  return until(
    () => {
      if (nowMs() < lookMs) return false;
      lookMs = nowMs() + judgedMs / 2;
      const gap = look();
      return gap.judgedMs >= judgedMs && gap;
    },
    {
      withinMs: 60_000 + 3 * judgedMs,
      what: `${judgedMs} ms of a tone at ${to} on a machine that does not stall`,
    },
  );
}
