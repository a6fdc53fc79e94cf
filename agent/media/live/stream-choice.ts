// Main or sub stream for a viewer who leaves it to us. There is no estimate of our own: what the
// receiver reports as lost and what it believes in (REMB) is all there is. Down soon, up late, and
// later each time it did not hold.

import type { Feedback } from './rtcp.ts';

const bad = { loss: 0.1, share: 0.85, forMs: 2_500 } as const;
const good = { loss: 0.02, share: 1.1 } as const;
const upAfterMs = 15_000;
const upAfterMsMax = 240_000;
/** Shorter than this on the main stream again: going up was wrong. */
const heldMs = 30_000;
/** A group from the cache at the beginning is no sign of the line. */
const settleMs = 3_000;

export class StreamChoice {
  #stream: 'main' | 'sub' = 'main';
  #sinceMs: number;
  #countMs: number;
  #upAfterMs = upAfterMs;
  #hasRisen = false;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
    this.#countMs = nowMs;
  }

  get stream(): 'main' | 'sub' {
    return this.#stream;
  }

  /** `sentBitsPerS`: what the stream that is on takes. */
  hear({ loss, bitsPerS }: Feedback, sentBitsPerS: number, nowMs: number): void {
    if (nowMs - this.#sinceMs < settleMs) return this.#count(nowMs);
    if (loss === null && bitsPerS === null) return;
    const lost = loss ?? 0;
    const share = bitsPerS === null || sentBitsPerS <= 0 ? null : bitsPerS / sentBitsPerS;
    if (this.#stream === 'main') {
      const isBad = lost >= bad.loss || (share !== null && share < bad.share);
      if (!isBad) this.#count(nowMs);
      else if (nowMs - this.#countMs >= bad.forMs) this.#down(nowMs);
    } else {
      const isGood = lost <= good.loss && (share === null || share >= good.share);
      if (!isGood) this.#count(nowMs);
      else if (nowMs - this.#countMs >= this.#upAfterMs) this.#go('main', nowMs);
    }
  }

  /** Counts anew how long it has been bad (on main) or good (on sub). */
  #count(nowMs: number): void {
    this.#countMs = nowMs;
  }

  #down(nowMs: number): void {
    const isSoon = this.#hasRisen && nowMs - this.#sinceMs < heldMs;
    this.#upAfterMs = isSoon ? Math.min(upAfterMsMax, this.#upAfterMs * 2) : upAfterMs;
    this.#go('sub', nowMs);
  }

  #go(stream: 'main' | 'sub', nowMs: number): void {
    this.#stream = stream;
    this.#hasRisen = stream === 'main';
    this.#sinceMs = nowMs;
    this.#countMs = nowMs;
  }
}
