// Sounds made and looked at: tones, levels, and where one sound begins in another.

const rate = 48_000;
const frameSamples = 480;
const fullScale = 32_768;

/** A sine of so many dBFS (RMS against full scale), mono, 48 kHz. */
export function tone(hz: number, seconds: number, dbfs = -20): Int16Array {
  const amplitude = Math.SQRT2 * fullScale * 10 ** (dbfs / 20);
  const at = (n: number) => amplitude * Math.sin((2 * Math.PI * hz * n) / rate);
  return Int16Array.from({ length: Math.round(seconds * rate) }, (_, n) => at(n));
}

export function framesOf(samples: Int16Array): Int16Array[] {
  const count = Math.floor(samples.length / frameSamples);
  return Array.from({ length: count }, (_, n) =>
    samples.slice(n * frameSamples, (n + 1) * frameSamples),
  );
}

export function joined(frames: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}

/** The same sound over and over, for so many seconds. */
export function tiled(samples: Int16Array, seconds: number): Int16Array {
  const length = Math.round(seconds * rate);
  return Int16Array.from({ length }, (_, n) => samples[n % samples.length] ?? 0);
}

export function powerOf(samples: Int16Array): number {
  let sum = 0;
  for (const one of samples) sum += (one / fullScale) ** 2;
  return samples.length === 0 ? 0 : sum / samples.length;
}

export const dbOf = (power: number): number => 10 * Math.log10(power);

/** How much of a sound is one tone: 1 for nothing else. */
export function shareOf(hz: number, samples: Int16Array): number {
  let [re, im] = [0, 0];
  for (const [n, one] of samples.entries()) {
    re += (one / fullScale) * Math.cos((2 * Math.PI * hz * n) / rate);
    im += (one / fullScale) * Math.sin((2 * Math.PI * hz * n) / rate);
  }
  const power = powerOf(samples);
  return power === 0 ? 0 : (2 * (re * re + im * im)) / samples.length ** 2 / power;
}

/** Seconds of a tone in a sound, looked at 10 ms by 10 ms: those in which it has a third of the power. */
export function secondsOf(hz: number, samples: Int16Array): number {
  return framesOf(samples).filter((frame) => shareOf(hz, frame) > 0.3).length / 100;
}

export interface Found {
  /** Sample of `hay` where `needle` begins, within 8. */
  readonly at: number;
  /** 1: the very same; speech that is not there stays below 0.2. */
  readonly likeness: number;
}

const coarse = 8;

/** Looks for a sound in another one by correlation. */
export function findIn(needle: Int16Array, hay: Int16Array): Found {
  const [short, long] = [thinned(needle), thinned(hay)];
  const energy = short.reduce((sum, one) => sum + one * one, 0);
  let best: Found = { at: 0, likeness: 0 };
  let here = long.subarray(0, short.length).reduce((sum, one) => sum + one * one, 0);
  for (let at = 0; at + short.length <= long.length; at++) {
    let product = 0;
    for (let n = 0; n < short.length; n++) product += (short[n] ?? 0) * (long[at + n] ?? 0);
    const likeness = Math.abs(product) / Math.sqrt(energy * here + 1e-9);
    if (likeness > best.likeness) best = { at: at * coarse, likeness };
    here += (long[at + short.length] ?? 0) ** 2 - (long[at] ?? 0) ** 2;
  }
  return best;
}

/** Every eighth sample of the mean, made brighter: speech is dull, and dull sounds look alike. */
function thinned(samples: Int16Array): Float64Array {
  const means = Float64Array.from({ length: Math.floor(samples.length / coarse) }, (_, n) => {
    let sum = 0;
    for (let k = 0; k < coarse; k++) sum += samples[n * coarse + k] ?? 0;
    return sum / coarse / fullScale;
  });
  return means.map((one, n) => one - (means[n - 1] ?? 0));
}
