// Whom the dome follows: the person nearest the gate, and then the same one from picture to picture, by the
// number that the dome gives him, or by where he was expected where it gives him another. Somebody else
// is chosen when he has been out of sight for long.

import { Course } from './course.ts';
import type { Frame, Seen } from './frame.ts';
import type { Turn } from './travel.ts';
import type { View } from './view.ts';

export const choiceTimes = {
  /** Out of sight for so long, he is not waited for any more. */
  waitMs: 4000,
  /** Seen twice within so long, it is somebody. */
  newMs: 700,
} as const;

/** How far from where he was expected he may be found, in halves of the picture: at once, for each second
 * out of sight, and at most. */
const reach = { now: 0.15, aSecond: 0.2, most: 0.6 } as const;
/** A dome that keeps its number may have given it to somebody else. */
const leap = 0.7;
/** Out of sight for so long and back under another number, he may be somebody else. */
const doubtMs = 1000;
/** Between the heights of two boxes of one person. */
const sizes = 2;

interface Target {
  readonly id: string;
  readonly height: number;
  readonly course: Course;
}

interface Candidate {
  readonly seen: Seen;
  readonly place: Turn;
  readonly height: number;
}

export class Choice {
  readonly #view: View;
  readonly #nimble: boolean;
  /** Where the gate is, as the dome looks when it begins. */
  readonly #gate: Turn;
  #target: Target | null = null;
  /** How often somebody was chosen who had not been followed before, for all that is known. */
  met = 0;
  /** Seen once, by number. */
  #fresh = new Map<string, number>();

  /** `nimble`: as for a course. */
  constructor(view: View, gate: Turn, nimble: boolean) {
    this.#nimble = nimble;
    this.#view = view;
    this.#gate = gate;
  }

  get course(): Course | null {
    return this.#target?.course ?? null;
  }

  /** His place in the picture, where it shows him. `looked`: where the dome looked when it was taken. */
  take(
    frame: Frame,
    atMs: number,
    looked: Turn,
  ): { readonly x: number; readonly y: number } | null {
    const people = peopleIn(frame).map((seen): Candidate => {
      const { left, right, top, bottom } = seen.box;
      const middle = { x: (left + right) / 2, y: (top + bottom) / 2 };
      return { seen, place: this.#view.place(looked, middle), height: top - bottom };
    });
    const found = this.#again(people, atMs) ?? this.#anew(people, atMs);
    if (!found) return null;
    this.#keep(found, atMs);
    const { left, right, top, bottom } = found.seen.box;
    return { x: (left + right) / 2, y: (top + bottom) / 2 };
  }

  /** Time passes without him. */
  wait(nowMs: number): void {
    if (this.#target && nowMs - this.#target.course.seenMs > choiceTimes.waitMs)
      this.#target = null;
  }

  #keep({ seen, place, height }: Candidate, atMs: number): void {
    const before = this.#target;
    const awayMs = before ? atMs - before.course.seenMs : Number.POSITIVE_INFINITY;
    if (awayMs > doubtMs && before?.id !== seen.id) this.met += 1;
    const course = before?.course ?? new Course(atMs, place, this.#nimble);
    course.saw(atMs, place);
    const smooth = before ? before.height + 0.2 * (height - before.height) : height;
    this.#target = { id: seen.id, height: smooth, course };
  }

  #again(people: readonly Candidate[], atMs: number): Candidate | null {
    const target = this.#target;
    if (!target) return null;
    const expected = target.course.at(atMs);
    const off = ({ place }: Candidate) => this.#view.apart(place, expected);
    const same = people.find(({ seen }) => seen.id === target.id);
    if (same && off(same) < leap) return same;
    const awayS = (atMs - target.course.seenMs) / 1000;
    const near = Math.min(reach.most, reach.now + reach.aSecond * awayS);
    const like = people.filter((one) => {
      const times = one.height / target.height;
      return off(one) < near && times < sizes && times > 1 / sizes;
    });
    return nearest(like, off);
  }

  #anew(people: readonly Candidate[], atMs: number): Candidate | null {
    if (this.#target) return null;
    const known = people.filter(({ seen }) => {
      const before = this.#fresh.get(seen.id);
      return before !== undefined && atMs - before < choiceTimes.newMs;
    });
    this.#fresh = new Map(people.map(({ seen }) => [seen.id, atMs]));
    return nearest(known, ({ place }) => this.#view.apart(place, this.#gate));
  }
}

function nearest(all: readonly Candidate[], off: (one: Candidate) => number): Candidate | null {
  const sorted = [...all].sort((a, b) => off(a) - off(b));
  return sorted[0] ?? null;
}

/** What a dome does not name may be a person where it is upright; widths are of a picture of 16 to 9. */
const peopleIn = ({ objects }: Frame): Seen[] =>
  objects.filter(({ isPerson, box }) => {
    const isUpright = ((box.right - box.left) * 16) / 9 < box.top - box.bottom;
    return isPerson ?? isUpright;
  });
