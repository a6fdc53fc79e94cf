// Sound of any rate, channels and size into frames of 10 ms, mono, 48 kHz.

import type { SoundFrame } from '../ports.ts';
import { frameRate } from './frames.ts';
import { Resampler } from './resampler.ts';
import { frameSamples } from './sound/frame.ts';

export class Framer {
  readonly #frame: (frame: SoundFrame) => void;
  #rate = frameRate;
  #resampler: Resampler | null = null;
  #held = new Int16Array();

  /** `frame` gets frames of its own buffer. */
  constructor(frame: (frame: SoundFrame) => void) {
    this.#frame = frame;
  }

  push(samples: Int16Array, rate: number, channels = 1): void {
    if (rate !== this.#rate) {
      this.#rate = rate;
      this.#resampler = rate === frameRate ? null : new Resampler(rate, frameRate);
    }
    const mono = channels === 1 ? samples : average(samples, channels);
    this.#cut(this.#resampler?.push(mono) ?? mono);
  }

  #cut(samples: Int16Array): void {
    const all = new Int16Array(this.#held.length + samples.length);
    all.set(this.#held);
    all.set(samples, this.#held.length);
    let at = 0;
    for (; at + frameSamples <= all.length; at += frameSamples)
      this.#frame(all.slice(at, at + frameSamples));
    this.#held = all.slice(at);
  }
}

function average(samples: Int16Array, channels: number): Int16Array {
  const mono = new Int16Array(Math.floor(samples.length / channels));
  for (let i = 0; i < mono.length; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += samples[i * channels + c] ?? 0;
    mono[i] = sum / channels;
  }
  return mono;
}
