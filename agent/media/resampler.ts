// One rate to another by windowed sinc, state carried over from chunk to chunk. Delays by eight samples of
// the lower rate: 1 ms where that is 8 kHz.

import { clamp } from './frames.ts';

/** Zero crossings of the filter on either side. */
const reach = 8;

export class Resampler {
  /** Output times `#up` = input times `#down`. */
  readonly #up: number;
  readonly #down: number;
  readonly #half: number;
  /** Taps for each place that an output can have between two inputs. */
  readonly #phases: readonly Float32Array[];
  #held: Float32Array;
  /** The next output lies at `#at + #phase / #up` in `#held`. */
  #at: number;
  #phase = 0;

  constructor(fromRate: number, toRate: number) {
    const common = divisor(fromRate, toRate);
    this.#up = toRate / common;
    this.#down = fromRate / common;
    const cutoff = Math.min(1, toRate / fromRate);
    this.#half = Math.ceil(reach / cutoff);
    this.#phases = Array.from({ length: this.#up }, (_, phase) =>
      taps(phase / this.#up, this.#half, cutoff),
    );
    this.#at = this.#half - 1;
    this.#held = new Float32Array(this.#half - 1);
  }

  push(input: Int16Array): Int16Array {
    const all = new Float32Array(this.#held.length + input.length);
    all.set(this.#held);
    all.set(input, this.#held.length);
    const out = new Int16Array(Math.ceil((input.length * this.#up) / this.#down) + 1);
    let made = 0;
    while (this.#at + this.#half < all.length) {
      out[made++] = this.#around(all);
      this.#phase += this.#down;
      this.#at += Math.floor(this.#phase / this.#up);
      this.#phase %= this.#up;
    }
    const done = this.#at - this.#half + 1;
    this.#held = all.slice(done);
    this.#at -= done;
    return out.slice(0, made);
  }

  #around(all: Float32Array): number {
    const own = this.#phases[this.#phase] ?? new Float32Array();
    const first = this.#at - this.#half + 1;
    let sum = 0;
    for (let i = 0; i < own.length; i++) sum += (own[i] ?? 0) * (all[first + i] ?? 0);
    return clamp(sum);
  }
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** Of the inputs from `half - 1` before to `half` after the one that the output follows by `shift`. */
function taps(shift: number, half: number, cutoff: number): Float32Array {
  const own = Float32Array.from({ length: 2 * half }, (_, i) => {
    const distance = i - (half - 1) - shift;
    if (Math.abs(distance) >= half) return 0;
    const x = distance * cutoff * Math.PI;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / half);
    return window * (x === 0 ? 1 : Math.sin(x) / x);
  });
  const sum = own.reduce((a, b) => a + b, 0);
  return own.map((tap) => tap / sum);
}
