// Between two clocks: what comes by one (a sound card's, a caller's) goes by the other (ours), as late as
// the waves between them ask and no later. Where the one is slower, a gap is bridged with the frame before,
// fading; where it is faster, two frames become one, in a pause if there is one soon.

import type { SoundFrame } from '../../ports.ts';
import { clamp, levelDb } from '../frames.ts';
import { frameSamples } from '../sound/frame.ts';

/** Frames that wait, at most: after a stall the oldest go. */
const framesMax = 12;
/** A second without a wave that needed them: the frames that were always there are too many. */
const lookFrames = 100;
/** Never fewer in all that time than this: one goes. Two of them bear what 10 ms ticks of two clocks do. */
const spareFrames = 2;
const pauseDb = -45;
/** So many frames too many wait for no pause. */
const hurryFrames = 4;
/** What is bridged of a gap: 30 ms, each frame half as loud as the one before. */
const bridgeFrames = 3;

export class SoundQueue {
  #frames: SoundFrame[] = [];
  #least = Number.POSITIVE_INFINITY;
  #looked = 0;
  #last: SoundFrame | null = null;
  #bridged = 0;

  /** Frames waiting. */
  get length(): number {
    return this.#frames.length;
  }

  push(frame: SoundFrame): void {
    if (this.#frames.length >= framesMax) this.#frames.shift();
    this.#frames.push(frame);
  }

  /** The next 10 ms; null where nothing has come for longer than can be bridged. */
  pull(): SoundFrame | null {
    this.#look();
    const next = this.#frames.shift();
    if (!next) return this.#bridge();
    this.#bridged = 0;
    this.#last = next;
    return next;
  }

  clear(): void {
    this.#frames = [];
    this.#last = null;
    this.#startLook();
  }

  #look(): void {
    this.#least = Math.min(this.#least, this.#frames.length);
    if (++this.#looked < lookFrames) return;
    const [first, second] = this.#frames;
    if (this.#least < spareFrames || !first || !second) return this.#startLook();
    const isPause = levelDb(first) < pauseDb && levelDb(second) < pauseDb;
    if (!isPause && this.#least < hurryFrames && this.#looked < 5 * lookFrames) return;
    this.#frames.splice(0, 2, crossFaded(first, second));
    // One a second is 10,000 ppm, more than two clocks differ; the rest of a wave goes faster.
    this.#startLook();
    if (this.#frames.length > hurryFrames) this.#looked = lookFrames - 10;
  }

  #startLook(): void {
    this.#least = Number.POSITIVE_INFINITY;
    this.#looked = 0;
  }

  #bridge(): SoundFrame | null {
    const last = this.#last;
    if (!last || ++this.#bridged > bridgeFrames) return null;
    const from = 2 ** (1 - this.#bridged);
    return last.map((sample, i) => clamp(sample * from * (1 - i / (2 * frameSamples))));
  }
}

/** Begins as the first, ends as the second. */
const crossFaded = (first: SoundFrame, second: SoundFrame): SoundFrame =>
  first.map((sample, i) => {
    const share = i / frameSamples;
    return clamp(sample * (1 - share) + (second[i] ?? 0) * share);
  });
