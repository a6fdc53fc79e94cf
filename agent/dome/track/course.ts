// Where somebody is and goes, from boxes that tremble: an alpha-beta filter for each axis, in the dome's own
// pan and tilt, so that the dome's turning is no movement of his.

import type { Turn } from './travel.ts';

/** Of what a look differs from what was expected: to the place, and to the speed. */
const toPlace = 0.5;
const toSpeed = 0.17;
/** Who stands has not turned, however his box trembles: of his way, so many seconds are more than that. */
const walkedS = 0.5;
/** Looks that differ to one side, one after the other, are no trembling: he has turned. From so much of all
 * that the last few differ on, to one side, his speed is believed to have changed `times` as much. */
const turning = { memory: 0.35, turned: 0.8, times: 2.5 } as const;
/** Unseen he goes on so long as he went, and is then believed to stand. */
export const coastMs = 2500;
/** Looks that lie further apart say nothing of the speed in between, seconds. */
const farS = 1;

export class Course {
  #place: Turn;
  #speed: Turn = { pan: 0, tilt: 0 };
  #atMs: number;
  readonly #nimble: boolean;
  /** What the last looks differed, with its sign and without. */
  #aside = { pan: { signed: 0, whole: 0 }, tilt: { signed: 0, whole: 0 } };

  /** `nimble`: believed to have turned as soon as it looks like it, for a dome that can follow at once. */
  constructor(atMs: number, place: Turn, nimble: boolean) {
    this.#nimble = nimble;
    this.#atMs = atMs;
    this.#place = place;
  }

  /** Generic units a second. */
  get speed(): Turn {
    return this.#speed;
  }

  get seenMs(): number {
    return this.#atMs;
  }

  saw(atMs: number, place: Turn): void {
    const seconds = (atMs - this.#atMs) / 1000;
    if (seconds <= 0) return;
    const expected = this.at(atMs);
    const off = { pan: place.pan - expected.pan, tilt: place.tilt - expected.tilt };
    const part = Math.min(1, toPlace + (seconds > 0.3 ? (1 - toPlace) * Math.min(1, seconds) : 0));
    this.#place = {
      pan: expected.pan + part * off.pan,
      tilt: expected.tilt + part * off.tilt,
    };
    if (seconds < farS)
      this.#speed = {
        pan: this.#speed.pan + (this.#share('pan', off.pan) * off.pan) / Math.max(0.05, seconds),
        tilt:
          this.#speed.tilt + (this.#share('tilt', off.tilt) * off.tilt) / Math.max(0.05, seconds),
      };
    this.#atMs = atMs;
  }

  /** Of what a look differs, to the speed. */
  #share(axis: keyof Turn, off: number): number {
    const { memory, turned, times } = turning;
    const { signed, whole } = this.#aside[axis];
    const now = {
      signed: signed + memory * (off - signed),
      whole: whole + memory * (Math.abs(off) - whole),
    };
    this.#aside[axis] = now;
    const walks = Math.abs(this.#speed[axis]) * walkedS > now.whole;
    return this.#nimble && walks && Math.abs(now.signed) > turned * now.whole
      ? toSpeed * times
      : toSpeed;
  }

  /** Where he is expected. */
  at(ms: number): Turn {
    const seconds = Math.min(coastMs, ms - this.#atMs) / 1000;
    return {
      pan: this.#place.pan + this.#speed.pan * seconds,
      tilt: this.#place.tilt + this.#speed.tilt * seconds,
    };
  }
}
