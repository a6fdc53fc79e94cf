// How a room changes a sound: a response of direct sound and decaying reverberation, and convolution
// with it, block by block (uniformly partitioned, overlap-save).

import { seeded } from '../chance.ts';

export const blockSamples = 256;
const size = 2 * blockSamples;
const responseS = 0.35;
/** Half of the energy comes straight. */
const half = Math.SQRT1_2;

/** Gaussian noise of deviation 1. */
export function noise(samples: number, seed: number): Float32Array {
  const next = seeded(seed);
  const gaussian = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Float32Array.from({ length: samples }, gaussian);
}

/** Impulse response of unit energy: direct sound, one early reflection, and reverberation that falls by
 * 60 dB in `rt60S`, between 120 Hz and 7 kHz. Another seed is another place in the room. */
export function roomResponse(rate: number, rt60S: number, seed: number): Float32Array {
  const length = Math.round(responseS * rate);
  const decayed = noise(length, seed).map((one, n) => one * 10 ** ((-3 * n) / rate / rt60S));
  const tail = lowPass(highPass(decayed, 120 / rate), 7000 / rate);
  const energy = tail.reduce((sum, one) => sum + one * one, 0);
  const response = tail.map((one) => (one * half) / Math.sqrt(energy));
  response[0] = (response[0] ?? 0) + half;
  response[40] = (response[40] ?? 0) + 0.2;
  return response;
}

function lowPass(samples: Float32Array, frequency: number): Float32Array {
  const share = 1 - Math.exp(-2 * Math.PI * frequency);
  let held = 0;
  return samples.map((one) => {
    held += share * (one - held);
    return held;
  });
}

function highPass(samples: Float32Array, frequency: number): Float32Array {
  const low = lowPass(samples, frequency);
  return samples.map((one, n) => one - (low[n] ?? 0));
}

export interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

export const emptySpectrum = (length = size): Spectrum => ({
  re: new Float64Array(length),
  im: new Float64Array(length),
});

/** Fourier transform in place, of a power of two; not scaled. */
export function transform({ re, im }: Spectrum, isInverse: boolean): void {
  const size = re.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j] ?? 0, re[i] ?? 0];
    [im[i], im[j]] = [im[j] ?? 0, im[i] ?? 0];
  }
  for (let width = 2; width <= size; width <<= 1) {
    const angle = ((isInverse ? 2 : -2) * Math.PI) / width;
    for (let k = 0; k < width / 2; k++) {
      const [cos, sin] = [Math.cos(angle * k), Math.sin(angle * k)];
      for (let a = k, b = k + width / 2; a < size; a += width, b += width) {
        const [bRe, bIm] = [re[b] ?? 0, im[b] ?? 0];
        const [tRe, tIm] = [bRe * cos - bIm * sin, bRe * sin + bIm * cos];
        re[b] = (re[a] ?? 0) - tRe;
        im[b] = (im[a] ?? 0) - tIm;
        re[a] = (re[a] ?? 0) + tRe;
        im[a] = (im[a] ?? 0) + tIm;
      }
    }
  }
}

function partitions(response: Float32Array): Spectrum[] {
  const count = Math.ceil(response.length / blockSamples);
  return Array.from({ length: count }, (_, n) => {
    const part = emptySpectrum();
    part.re.set(response.subarray(n * blockSamples, (n + 1) * blockSamples));
    transform(part, false);
    return part;
  });
}

/** One sound, through any of several responses. */
export class Convolver {
  readonly #responses: readonly (readonly Spectrum[])[];
  readonly #history: Spectrum[];
  readonly #previous = new Float32Array(blockSamples);
  #newest = 0;

  constructor(responses: readonly Float32Array[]) {
    this.#responses = responses.map(partitions);
    const count = Math.max(...this.#responses.map((parts) => parts.length));
    this.#history = Array.from({ length: count }, emptySpectrum);
  }

  /** The next block through response `which`. */
  through(block: Float32Array, which: number): Float32Array {
    this.#newest = (this.#newest + 1) % this.#history.length;
    const latest = this.#history[this.#newest] ?? emptySpectrum();
    latest.re.set(this.#previous);
    latest.re.set(block, blockSamples);
    latest.im.fill(0);
    transform(latest, false);
    this.#previous.set(block);
    const sum = emptySpectrum();
    for (const [n, part] of (this.#responses[which] ?? []).entries()) {
      const age = (this.#newest - n + this.#history.length) % this.#history.length;
      addProduct(sum, this.#history[age] ?? latest, part);
    }
    transform(sum, true);
    return Float32Array.from(sum.re.subarray(blockSamples), (one) => one / size);
  }
}

function addProduct(sum: Spectrum, a: Spectrum, b: Spectrum): void {
  for (let k = 0; k < size; k++) {
    const [aRe, aIm, bRe, bIm] = [a.re[k] ?? 0, a.im[k] ?? 0, b.re[k] ?? 0, b.im[k] ?? 0];
    sum.re[k] = (sum.re[k] ?? 0) + aRe * bRe - aIm * bIm;
    sum.im[k] = (sum.im[k] ?? 0) + aRe * bIm + aIm * bRe;
  }
}
