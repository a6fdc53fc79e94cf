// How much the dome's picture shows: half of it, in its own pan and tilt. Nobody tells, so it is learnt: from
// moves in halves of the picture, or from how what is seen slides when the dome's speed changes.

import type { Turn } from './travel.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Before anything is known: 14 degrees of pan, twice the number in tilt, whose range is smaller. */
const usual: Turn = { pan: 0.08, tilt: 0.16 };
const least: Turn = { pan: 0.004, tilt: 0.008 };
const most: Turn = { pan: 0.3, tilt: 0.7 };
/** How much the beginning counts, in pictures that slid by half a picture. */
const prior = 0.15;
/** Between the looks of which the middle one is compared with the others, milliseconds. */
const stepMs = 400;
/** A change of less says little, in halves of the picture. */
const telling = 0.08;
const movesCounted = 0.5;
const fades = 0.9;
const keptMs = 1500;

interface Look extends Point {
  readonly atMs: number;
  readonly looked: Turn;
}

const names = { pan: 'x', tilt: 'y' } as const;

export class View {
  #half: Turn = usual;
  /** Sums of a regression: pictures slid per unit turned, and how much is known of it. */
  #sums = {
    pan: { slid: prior / usual.pan, turned: prior },
    tilt: { slid: prior / usual.tilt, turned: prior },
  };
  #looks: Look[] = [];

  get half(): Turn {
    return this.#half;
  }

  /** Where a point of the picture is. */
  place(looked: Turn, { x, y }: Point): Turn {
    return { pan: looked.pan + x * this.#half.pan, tilt: looked.tilt + y * this.#half.tilt };
  }

  /** From one place to another, in halves of the picture. */
  way(from: Turn, to: Turn): Point {
    return {
      x: (to.pan - from.pan) / this.#half.pan,
      y: (to.tilt - from.tilt) / this.#half.tilt,
    };
  }

  apart(a: Turn, b: Turn): number {
    const { x, y } = this.way(a, b);
    return Math.hypot(x, y);
  }

  /** A move in halves of the picture has brought the dome from one place to another. */
  moved(by: Point, from: Turn, to: Turn): void {
    this.#half = {
      pan: this.#told('pan', by.x, to.pan - from.pan),
      tilt: this.#told('tilt', by.y, to.tilt - from.tilt),
    };
  }

  #told(axis: keyof Turn, by: number, turned: number): number {
    const before = this.#half[axis];
    if (Math.abs(by) < telling || turned * by <= 0) return before;
    return bounded(axis, before + movesCounted * (turned / by - before));
  }

  /** The same person in the next picture. */
  slid(look: Look): void {
    this.#looks = [...this.#looks.filter((one) => one.atMs > look.atMs - keptMs), look];
    const back = (ms: number) => this.#looks.find((one) => one.atMs >= look.atMs - ms - 30);
    const [middle, first] = [back(stepMs), back(2 * stepMs)];
    if (!middle || !first || look.atMs - first.atMs < 2 * stepMs - 60) return;
    // What walks steadily drops out of the second difference; what is left is the dome.
    const part = (middle.atMs - first.atMs) / (look.atMs - first.atMs);
    const bend = (of: (one: Look) => number) =>
      of(look) * part + of(first) * (1 - part) - of(middle);
    for (const axis of ['pan', 'tilt'] as const)
      this.#learn(
        axis,
        bend(({ looked }) => looked[axis]),
        bend((one) => one[names[axis]]),
      );
  }

  /** Another person: what was seen of the last one tells nothing of this one. */
  forgetLooks(): void {
    this.#looks = [];
  }

  #learn(axis: keyof Turn, turned: number, slid: number): void {
    const share = turned / this.#half[axis];
    if (Math.abs(share) < telling) return;
    const sums = this.#sums[axis];
    sums.slid = sums.slid * fades + (-slid / this.#half[axis]) * share;
    sums.turned = sums.turned * fades + share * share;
    const perUnit = sums.slid / sums.turned;
    if (perUnit > 0) this.#half = { ...this.#half, [axis]: bounded(axis, 1 / perUnit) };
  }
}

const bounded = (axis: keyof Turn, half: number): number =>
  Math.min(most[axis], Math.max(least[axis], half));
