// Signals that can be found again in what arrives, and how they are found: bursts of noise, each another
// one, by correlation; tones, by their power beside everything else.

import { frameSamples, type Recording, rate } from './recording.ts';

/** The same numbers for the same seed (mulberry32). */
export function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const toneFrame = (hz: number, n: number, amplitude = 8_000): Int16Array =>
  Int16Array.from(
    { length: frameSamples },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hz * (n * frameSamples + i)) / rate),
  );

export const burstMs = 200;

/** Noise of the band of speech (300 to 3,000 Hz), so that a codec keeps it: 200 ms. */
export function burst(seed: number, amplitude = 9_000): Int16Array {
  const next = randoms(seed);
  const length = (burstMs * rate) / 1000;
  const [lowPass, highPass] = [onePole(3_000), onePole(300)];
  return Int16Array.from({ length }, (_, i) => {
    const edge = Math.min(1, i / 480, (length - i) / 480);
    const noise = lowPass(2 * next() - 1);
    return 2 * amplitude * edge * (noise - highPass(noise));
  });
}

/** A low pass of the first order, on its way from sample to sample. */
function onePole(hz: number): (sample: number) => number {
  const share = 1 - Math.exp((-2 * Math.PI * hz) / rate);
  let held = 0;
  return (sample) => {
    held += share * (sample - held);
    return held;
  };
}

export interface Found {
  /** Index of the first sample of what was sought. */
  readonly at: number;
  /** Normalised: 1 is itself, noise alone stays near 0. */
  readonly likeness: number;
}

/** Where `wanted` lies best, from sample `from` to before `to`. Sixth samples first, then all. */
export function find(wanted: Int16Array, within: Int16Array, from: number, to: number): Found {
  const [coarse, fine] = [6, 1];
  const low = decimated(wanted, coarse);
  const best = search(low, decimated(within, coarse), from / coarse, to / coarse);
  return search(
    Float64Array.from(wanted),
    Float64Array.from(within),
    best.at * coarse - 2 * coarse,
    best.at * coarse + 2 * coarse + fine,
  );
}

function search(wanted: Float64Array, within: Float64Array, from: number, to: number): Found {
  const norm = Math.sqrt(energy(wanted, 0, wanted.length));
  let best: Found = { at: 0, likeness: 0 };
  const last = Math.min(Math.floor(to), within.length - wanted.length);
  for (let at = Math.max(0, Math.floor(from)); at < last; at++) {
    let sum = 0;
    for (let i = 0; i < wanted.length; i++) sum += (wanted[i] ?? 0) * (within[at + i] ?? 0);
    const there = Math.sqrt(energy(within, at, wanted.length));
    const likeness = there === 0 ? 0 : Math.abs(sum) / (norm * there);
    if (likeness > best.likeness) best = { at, likeness };
  }
  return best;
}

function energy(samples: Float64Array, from: number, length: number): number {
  let sum = 0;
  for (let i = from; i < from + length; i++) sum += (samples[i] ?? 0) ** 2;
  return sum;
}

const decimated = (samples: Int16Array, by: number): Float64Array =>
  Float64Array.from({ length: Math.floor(samples.length / by) }, (_, n) => {
    let sum = 0;
    for (let i = 0; i < by; i++) sum += samples[n * by + i] ?? 0;
    return sum / by;
  });

/** When a sample of a recording was heard. */
export const timeOf = ({ times }: Recording, sample: number): number =>
  (times[Math.floor(sample / frameSamples)] ?? Number.NaN) +
  ((sample % frameSamples) * 1000) / rate;

/** Share of a tone in the power of a frame-sized piece, and its level, dBFS. */
export function tonePower(samples: Int16Array, hz: number): { share: number; db: number } {
  let [re, im, all] = [0, 0, 0];
  samples.forEach((sample, i) => {
    const angle = (2 * Math.PI * hz * i) / rate;
    re += sample * Math.cos(angle);
    im += sample * Math.sin(angle);
    all += sample * sample;
  });
  const own = (2 * (re * re + im * im)) / samples.length;
  const db = 10 * Math.log10(own / samples.length / 32_768 ** 2);
  return { share: all === 0 ? 0 : own / all, db };
}
