// The time of pictures: what the dome's clock says from one to the next, held to our own clock. A dome
// that sets its clock, an ffmpeg that begins anew at a random number and a crystal that drifts all end
// up as numbers that rise about as fast as time goes by, the same for every feed.

import { step } from './rtp.ts';

/** What the dome's clock may differ by before ours is taken. */
const strayMsMax = 1000;
/** Of the difference between the two clocks, at every picture: late packets do not shake the picture,
 * and drift has no chance. */
const pull = 1 / 16;

export class Timeline {
  readonly #ticksPerMs: number;
  #before: { readonly timestamp: number; readonly ticks: number; readonly monoMs: number } | null =
    null;

  constructor(ticksPerMs: number) {
    this.#ticksPerMs = ticksPerMs;
  }

  /** Timestamps begin anew, somewhere. */
  restart(): void {
    if (this.#before) this.#before = { ...this.#before, timestamp: Number.NaN };
  }

  /** Ticks of something that came at `monoMs`: they always rise. */
  at(timestamp: number, monoMs: number): number {
    const ticks = Math.round(this.#next(timestamp, monoMs));
    this.#before = { timestamp, ticks, monoMs };
    return ticks;
  }

  #next(timestamp: number, monoMs: number): number {
    const arrived = monoMs * this.#ticksPerMs;
    if (this.#before === null) return arrived;
    const { ticks, monoMs: beforeMs, timestamp: before } = this.#before;
    const stray = strayMsMax * this.#ticksPerMs;
    const passed = (monoMs - beforeMs) * this.#ticksPerMs;
    const told = Number.isNaN(before) ? passed : step(before, timestamp, 32);
    const delta = told > 0 && Math.abs(told - passed) < stray ? told : passed;
    const next = ticks + delta;
    const error = arrived - next;
    const held = Math.abs(error) < stray ? next + error * pull : arrived;
    return Math.max(ticks + 1, held);
  }
}
