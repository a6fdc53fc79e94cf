// Where the dome looks and whether it stands, as far as it tells: some do not, some tell it late, some say
// MOVING for ever. How fast it is, measured on the way, so that it can be stopped before a border.

import type { Velocity } from '../core/command.ts';
import type { Clock } from '../ports.ts';
import { asDomeError } from './error.ts';
import type { Place, Status } from './motion-operations.ts';

export const whereTimes = {
  /** Where it was is good for so long. */
  placeMs: 1000,
  /** What has not moved for so long stands, whatever the dome says. */
  unmovedMs: 300,
  /** One that has just been told to move may say IDLE because it has not begun. */
  beginMs: 150,
  /** What it tells with a time of so long ago is how it was (some are half a minute late); what is older
   * yet is no time but one of another zone, or none. */
  lateMs: { least: 3000, most: 120_000 },
} as const;

/** From here on speeds are in generic units a second, at full speed of the stick. */
const slowest = 0.05;
/** Of what was believed; a look while it picks up speed tells too little. */
const forgotten = 0.9;

const nowhere: Place = { pan: null, tilt: null, zoom: null };
const isKnown = ({ pan, zoom }: Place): boolean => pan !== null || zoom !== null;

export const same = (a: Place, b: Place): boolean =>
  a.pan === b.pan && a.tilt === b.tilt && a.zoom === b.zoom;

export class Whereabouts {
  readonly #clock: Clock;
  readonly #ask: () => Promise<Status>;
  #place: Place = nowhere;
  #placeMs = Number.NEGATIVE_INFINITY;
  #unmovedSinceMs = 0;
  #speed: Velocity = { pan: 1, tilt: 1, zoom: 1 };

  constructor(clock: Clock, ask: () => Promise<Status>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** Null: not known any more, or not yet. */
  get place(): Place | null {
    return this.ageMs > whereTimes.placeMs ? null : this.#place;
  }

  get ageMs(): number {
    return this.#clock.now().monoMs - this.#placeMs;
  }

  get speed(): Velocity {
    return this.#speed;
  }

  /** It was sent elsewhere. */
  forget(): void {
    this.#placeMs = Number.NEGATIVE_INFINITY;
  }

  /** `told`: the velocity it has had since the last look, null where it changed meanwhile. */
  async look(told: Velocity | null = null): Promise<Status> {
    const status = await this.#ask();
    const nowMs = this.#clock.now().monoMs;
    if (told) this.#measure(status.place, (nowMs - this.#placeMs) / 1000, told);
    if (!isKnown(status.place) || !same(status.place, this.#place)) this.#unmovedSinceMs = nowMs;
    this.#place = status.place;
    this.#placeMs = nowMs;
    return status;
  }

  /** Null: it does not tell. `toldMs`: when it was last told to move. */
  async stands(toldMs: number): Promise<boolean | null> {
    try {
      const { place, moving, lateMs = 0 } = await this.look();
      const { least, most } = whereTimes.lateMs;
      if (lateMs > least && lateMs < most) return null;
      const isIdle = moving === false && this.#placeMs - toldMs > whereTimes.beginMs;
      if (isIdle || this.#placeMs - this.#unmovedSinceMs > whereTimes.unmovedMs) return true;
      return moving !== null || isKnown(place) ? false : null;
    } catch (error) {
      const { kind } = asDomeError(error);
      if (kind === 'fault' || kind === 'wrong-reply' || kind === 'http') return null;
      throw error;
    }
  }

  #measure(place: Place, seconds: number, told: Velocity): void {
    const measured = (axis: keyof Velocity): number => {
      const [from, to, before] = [this.#place[axis], place[axis], this.#speed[axis]];
      if (from === null || to === null || told[axis] === 0 || seconds <= 0) return before;
      const way = Math.min(Math.abs(to - from), 2 - Math.abs(to - from));
      return Math.max(slowest, before * forgotten, way / seconds / Math.abs(told[axis]));
    };
    this.#speed = { pan: measured('pan'), tilt: measured('tilt'), zoom: measured('zoom') };
  }
}
