// Sound in frames of 10 ms at 48 kHz: made of whatever comes, mixed, measured.

import type { SoundFrame } from '../ports.ts';
import { frameSamples } from './sound/frame.ts';

export const frameRate = 48_000;
/** What stands for digital silence where -Infinity cannot be written. */
export const silenceDb = -100;

export const silence = (): SoundFrame => new Int16Array(frameSamples);

export const clamp = (sample: number): number =>
  sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : Math.round(sample);

/** Adds `from` to `to`, times `gain`; what is too loud is clipped. */
export function mixInto(to: SoundFrame, from: SoundFrame, gain = 1): void {
  for (let i = 0; i < frameSamples; i++) to[i] = clamp((to[i] ?? 0) + (from[i] ?? 0) * gain);
}

/** dBFS (a full-scale square wave is 0), `silenceDb` at least. */
export function levelDb(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return silenceDb;
  return Math.max(silenceDb, 10 * Math.log10(sum / samples.length / 32_768 ** 2));
}

/** Loudest frame of a span, from one look to the next. */
export class Meter {
  #peakDb = silenceDb;

  take(db: number): void {
    this.#peakDb = Math.max(this.#peakDb, db);
  }

  read(): number {
    const db = Math.round(this.#peakDb * 10) / 10;
    this.#peakDb = silenceDb;
    return db;
  }
}
