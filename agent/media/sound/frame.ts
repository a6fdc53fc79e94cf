// Frames of 10 ms: cutting them out of a stream of bytes, and how loud they are.

import type { Clock, SoundFrame } from '../../ports.ts';

export const frameSamples = 480;
export const frameMs = 10;
export const frameBytes = 2 * frameSamples;
const fullScale = 32_768;
const meterMs = 100;

export const bytesOf = (frame: SoundFrame): Buffer =>
  Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);

export const peakOf = (frame: SoundFrame): number => {
  let peak = 0;
  for (const one of frame) peak = Math.max(peak, Math.abs(one));
  return peak;
};

/** Cuts a stream of s16 mono into frames, each with memory of its own. */
export class FrameCutter {
  #held: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): SoundFrame[] {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const whole = Math.floor(bytes.length / frameBytes);
    this.#held = Buffer.from(bytes.subarray(whole * frameBytes));
    return Array.from({ length: whole }, (_, n) => {
      const frame = new Int16Array(frameSamples);
      bytes.copy(bytesOf(frame), 0, n * frameBytes, (n + 1) * frameBytes);
      return frame;
    });
  }
}

/** Level of the last 100 ms: RMS against full scale, dBFS (a full sine is -3). */
export class Meter {
  readonly #clock: Clock;
  #heard: { readonly atMs: number; readonly power: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(frame: SoundFrame): void {
    let power = 0;
    for (const one of frame) power += (one / fullScale) ** 2;
    const atMs = this.#clock.now().monoMs;
    this.#heard.push({ atMs, power: power / frameSamples });
    this.#forget(atMs);
  }

  /** -Infinity for digital silence, and where nothing came. */
  get dbfs(): number {
    this.#forget(this.#clock.now().monoMs);
    const sum = this.#heard.reduce((all, { power }) => all + power, 0);
    return 10 * Math.log10(sum / Math.max(1, this.#heard.length));
  }

  #forget(nowMs: number): void {
    this.#heard = this.#heard.filter(({ atMs }) => atMs > nowMs - meterMs);
  }
}
