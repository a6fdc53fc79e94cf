// The time of sound: what its timestamps say from one packet to the next, held to our own clock by those that
// came soonest. A packet can only be late: a machine or a line that stands still for a moment shifts none.

import { step } from './rtp.ts';

/** What the clocks may differ by: so much later the soonest may come in a second. */
const driftPerS = 0.001;
/** A timestamp so much ahead of the time that has passed was set anew. */
const aheadMsMax = 1_000;
/** No stall lasts so long. */
const lateMsMax = 5_000;

export class Steady {
  readonly #ticksPerMs: number;
  #before: { readonly timestamp: number; readonly monoMs: number } | null = null;
  /** Ticks told since the clock was set anew, and our time of the first of them. */
  #told = 0;
  #offset = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(ticksPerMs: number) {
    this.#ticksPerMs = ticksPerMs;
  }

  /** Timestamps begin anew, somewhere. */
  restart(): void {
    this.#before = null;
  }

  /** Ticks of a packet that came at `monoMs`: they always rise. */
  at(timestamp: number, monoMs: number): number {
    const now = monoMs * this.#ticksPerMs;
    const told = this.#before ? step(this.#before.timestamp, timestamp, 32) : 0;
    const passed = now - (this.#before?.monoMs ?? 0) * this.#ticksPerMs;
    this.#before = { timestamp, monoMs };
    const aheadMs = (told - passed) / this.#ticksPerMs;
    if (told <= 0 || aheadMs > aheadMsMax || aheadMs < -lateMsMax) {
      this.#told = 0;
      this.#offset = now;
    } else {
      this.#told += told;
      const lateness = now - this.#told - this.#offset;
      this.#offset += Math.min(lateness, told * driftPerS);
    }
    this.#last = Math.max(this.#last + 1, Math.round(this.#told + this.#offset));
    return this.#last;
  }
}
