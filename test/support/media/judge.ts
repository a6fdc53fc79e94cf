// Whether, and how late, what one side's microphone heard came out of the other side's loudspeaker.

import { until } from '#test/support/wait.ts';
import { burstEveryFrames } from './air.ts';
import { frameSamples, type Recording, rate } from './recording.ts';
import { burst, burstMs, find, timeOf } from './signal.ts';
import type { TalkRig } from './talk-rig.ts';

export interface HeardBurst {
  /** 1: itself; of something else 0.2 at most. */
  readonly likeness: number;
  /** From the air at one side to the air at the other. */
  readonly delayMs: number;
}

/** Nothing of a call comes later. */
const latestMs = 700;
/** A piece from the middle is sought: where two clocks are evened out, the whole has a seam. */
const pieceMs = { begin: 60, end: 160 };

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

/** A burst that left at `leftMs`, in what was heard. */
export function seek(heard: Recording, seed: number, leftMs: number): HeardBurst {
  const perMs = rate / 1000;
  const piece = burst(seed).subarray(pieceMs.begin * perMs, pieceMs.end * perMs);
  const begin = heard.times.findIndex((time) => time >= leftMs) * frameSamples;
  if (begin < 0) return { likeness: 0, delayMs: Number.NaN };
  const found = find(piece, heard.samples, begin, begin + (latestMs + burstMs) * perMs);
  const { likeness, at } = found;
  return { likeness, delayMs: timeOf(heard, at) - leftMs - pieceMs.begin };
}
