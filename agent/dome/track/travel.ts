// Where the dome has looked, over time: as it tells, and between two looks by its speed. Pan goes on beyond
// the point behind, so that what moves steadily has a steady number. Where the dome tells no place, what
// it was told to do stands for it.

/** Pan and tilt in ONVIF's generic units, or shares of full speed. */
export interface Turn {
  readonly pan: number;
  readonly tilt: number;
}

const axes = ['pan', 'tilt'] as const;

/** From an order to its effect, milliseconds. */
export const effectMs = 150;
/** Speed of a dome that has not been measured: 90 degrees of pan a second. */
const usualSpeed = 0.5;
const keptMs = 5000;
/** A place is good for so long beyond the last look. */
const aheadMs = 400;
/** The speed is measured over so long, where it was ordered to go at full speed for so long at least, ms. */
const measuredMs = 800;
const tellingMs = 15;
const learning = 0.25;

interface At extends Turn {
  readonly atMs: number;
}

export class Travel {
  #places: At[] = [];
  #orders: At[] = [];
  /** Of orders that are not kept, seconds at full speed. */
  #ranBefore: Turn = { pan: 0, tilt: 0 };
  /** It says that it stands. */
  #stands = false;
  #speed: Turn = { pan: usualSpeed, tilt: usualSpeed };

  /** Of full speed, generic units a second. */
  get speed(): Turn {
    return this.#speed;
  }

  /** It tells its places. */
  get isTold(): boolean {
    return this.#places.length > 0;
  }

  /** Has not moved for so long, as far as is known, milliseconds. */
  get stillMs(): number {
    const last = this.#places.at(-1);
    if (!last) return 0;
    const since = this.#places.findLast((one) => apart(one, last) > 0.0005);
    return last.atMs - (since?.atMs ?? this.#places[0]?.atMs ?? last.atMs);
  }

  /** It was sent elsewhere: what was before says nothing of where it is going. */
  forget(): void {
    this.#places = [];
    this.#orders = [];
    this.#ranBefore = { pan: 0, tilt: 0 };
  }

  /** `stands`: it says so. */
  looked(atMs: number, { pan, tilt }: Turn, stands: boolean): void {
    const before = this.#places.at(-1);
    if (before && atMs <= before.atMs) return;
    const now = { atMs, ...(before ? this.near({ pan, tilt }, before.atMs) : { pan, tilt }) };
    this.#places = [...this.#places.filter((one) => one.atMs > atMs - keptMs), now];
    this.#stands = stands;
    this.#measure(now);
  }

  /** Told to run, shares of full speed. */
  told(atMs: number, { pan, tilt }: Turn): void {
    const last = this.#orders.at(-1);
    if (last && last.pan === pan && last.tilt === tilt) return;
    this.#orders.push({ atMs, pan, tilt });
    for (;;) {
      const [first, second] = this.#orders;
      if (!first || !second || second.atMs > atMs - keptMs) return;
      this.#ranBefore = plus(this.#ranBefore, first, (second.atMs - first.atMs) / 1000);
      this.#orders.shift();
    }
  }

  /** A place that the dome tells, with the number that pan has here. */
  near({ pan, tilt }: Turn, ms: number): Turn {
    return { pan: pan + Math.round((this.at(ms).pan - pan) / 2) * 2, tilt };
  }

  at(ms: number): Turn {
    const places = this.#places;
    const next = places.findIndex((one) => one.atMs >= ms);
    const [last, first] = [places.at(-1), places[0]];
    if (!last || !first) return this.#reckoned(ms);
    if (next === 0) return first;
    if (next > 0) return between(places[next - 1] ?? first, places[next] ?? last, ms);
    const before = places.at(-2);
    if (!before || this.#stands) return last;
    return between(before, last, Math.min(ms, last.atMs + aheadMs));
  }

  #reckoned(ms: number): Turn {
    const ran = this.#ran(ms);
    return { pan: ran.pan * this.#speed.pan, tilt: ran.tilt * this.#speed.tilt };
  }

  /** By what it was told until then: seconds at full speed. */
  #ran(ms: number): Turn {
    return this.#orders.reduce((ran, order, n) => {
      const endMs = Math.min(ms, (this.#orders[n + 1]?.atMs ?? ms) + effectMs);
      return plus(ran, order, Math.max(0, endMs - order.atMs - effectMs) / 1000);
    }, this.#ranBefore);
  }

  #measure(to: At): void {
    const from = this.#places.findLast((one) => one.atMs <= to.atMs - measuredMs);
    if (!from) return;
    const [before, after] = [this.#ran(from.atMs), this.#ran(to.atMs)];
    const measured = (axis: keyof Turn): number => {
      const ran = after[axis] - before[axis];
      const known = this.#speed[axis];
      if (Math.abs(ran) * 1000 < tellingMs) return known;
      const told = (to[axis] - from[axis]) / ran;
      return Math.min(4, Math.max(0.05, known + learning * (told - known)));
    };
    this.#speed = { pan: measured('pan'), tilt: measured('tilt') };
  }
}

const plus = (from: Turn, by: Turn, times: number): Turn => ({
  pan: from.pan + by.pan * times,
  tilt: from.tilt + by.tilt * times,
});

export const apart = (a: Turn, b: Turn): number =>
  Math.max(...axes.map((axis) => Math.abs(a[axis] - b[axis])));

function between(from: At, to: At, ms: number): Turn {
  const part = (ms - from.atMs) / (to.atMs - from.atMs);
  return {
    pan: from.pan + (to.pan - from.pan) * part,
    tilt: from.tilt + (to.tilt - from.tilt) * part,
  };
}
