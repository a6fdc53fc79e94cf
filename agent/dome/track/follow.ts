// Decides how the dome follows a person: what it is told, from what its analytics see and where it looks.
// Pure: time comes in with each call, orders go out. Two ways: moves in halves of the picture, one at a time,
// aimed ahead; or a speed in proportion to what is missing, on top of his own.

import { Choice } from './choice.ts';
import { coastMs } from './course.ts';
import type { Frame } from './frame.ts';
import { effectMs, Travel, type Turn } from './travel.ts';
import { type Point, View } from './view.ts';

export type Order =
  | { readonly kind: 'rest' }
  /** Shares of full speed, until the next order. */
  | ({ readonly kind: 'run' } & Turn)
  /** By so many halves of the picture, once. */
  | ({ readonly kind: 'turn' } & Point)
  /** Nobody is there any more: to where it began. */
  | { readonly kind: 'back' };

/** `turn`: moves in halves of the picture. `run`: speeds. */
export type Way = 'turn' | 'run';

export const followTimes = {
  /** Nobody seen for so long: back to where it began. */
  backMs: 10_000,
} as const;

/** In halves of the picture: what is nearer to the middle than `rest` is let be, and followed again from
 * `begin` on, so that the dome does not tremble before somebody who stands. */
const band = { rest: 0.03, begin: 0.09, turn: 0.06 } as const;
/** Walks, in halves of the picture a second. */
const walking = 0.06;
/** Of what is missing, made good in a second. */
const gain = 1.8;
/** A speed is told anew when it differs by so much, of itself and at least. */
const news = { part: 0.08, share: 0.006 } as const;
const slowestShare = 0.01;
const rest: Order = { kind: 'rest' };
const still: Turn = { pan: 0, tilt: 0 };

export class Follow {
  readonly travel = new Travel();
  readonly view = new View();
  readonly #rate: number;
  #choice: Choice | null = null;
  #course: Choice['course'] = null;
  #told: Turn = still;
  #isResting = true;
  /** When it began to run after somebody. */
  #begunMs = Number.NEGATIVE_INFINITY;
  #seenMs = 0;
  #isBack = true;
  /** Seconds that a move takes: at least, and for each half of the picture. */
  #moveS = { least: 0.25, half: 0.6 };

  /** `rate`: of full speed, at most. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Somebody is followed, or is still expected. */
  get isFollowing(): boolean {
    return this.#choice?.course != null;
  }

  /** The dome stands where it looks at the gate. */
  begin(nowMs: number, way: Way): void {
    this.#choice = new Choice(this.view, this.travel.at(nowMs), way === 'run');
    this.#seenMs = nowMs;
    this.#halt(nowMs);
  }

  /** It is being sent elsewhere; nobody is followed before the next `begin`. */
  end(): void {
    this.#choice = null;
    this.#course = null;
    this.#told = still;
    this.#isResting = true;
    this.travel.forget();
  }

  /** `atMs`: when the picture was taken. True: it shows somebody new, who is followed from now on. */
  saw(frame: Frame, atMs: number): boolean {
    const choice = this.#choice;
    if (!choice) return false;
    const { met } = choice;
    const looked = this.#looked(frame, atMs);
    const shown = choice.take(frame, atMs, looked);
    const isNew = choice.met > met;
    if (choice.course !== this.#course) this.view.forgetLooks();
    this.#course = choice.course;
    if (!shown) return isNew;
    this.#seenMs = atMs;
    this.#isBack = false;
    if (atMs - this.#begunMs < learningMs) this.view.slid({ atMs, looked, ...shown });
    return isNew;
  }

  /** Where the dome looked: as the picture says, where it does. */
  #looked({ place }: Frame, atMs: number): Turn {
    const { pan = null, tilt = null } = place ?? {};
    if (pan === null || tilt === null) return this.travel.at(atMs);
    this.travel.looked(atMs, { pan, tilt }, false);
    return this.travel.near({ pan, tilt }, atMs);
  }

  /** A move in halves of the picture is over. */
  turned(by: Point, from: Turn, to: Turn, seconds: number): void {
    this.view.moved(by, from, to);
    const size = Math.abs(by.x) + Math.abs(by.y);
    const { least, half } = this.#moveS;
    const off = seconds - (least + half * size);
    const learnt = { least: least + 0.1 * off, half: half + 0.2 * off * Math.min(1, size) };
    this.#moveS = { least: bound(learnt.least, 0.05, 3), half: bound(learnt.half, 0.05, 10) };
  }

  /** What the dome is to do now. With `turn`: asked when it stands. */
  decide(nowMs: number, way: Way): Order {
    const choice = this.#choice;
    if (!choice) return rest;
    choice.wait(nowMs);
    const { course } = choice;
    if (!course) return this.#alone(nowMs);
    if (nowMs - course.seenMs > coastMs) return this.#halt(nowMs);
    return way === 'turn' ? this.#turn(nowMs) : this.#run(nowMs);
  }

  #alone(nowMs: number): Order {
    if (this.#isBack || nowMs - this.#seenMs < followTimes.backMs) return this.#halt(nowMs);
    this.#isBack = true;
    return { kind: 'back' };
  }

  #halt(nowMs: number): Order {
    this.#told = still;
    this.#isResting = true;
    this.travel.told(nowMs, still);
    return rest;
  }

  /** Aimed at where he will be in the middle of the time that the dome then stands. */
  #turn(nowMs: number): Order {
    const from = this.travel.at(nowMs);
    const { x, y } = this.#missing(nowMs, from);
    const { least, half } = this.#moveS;
    const moveMs = 1000 * (least + half * Math.min(2, Math.abs(x) + Math.abs(y)));
    const by = this.#missing(nowMs + moveMs + standsMs / 2, from);
    if (Math.hypot(by.x, by.y) < band.turn) return rest;
    return { kind: 'turn', x: bound(by.x, -1, 1), y: bound(by.y, -1, 1) };
  }

  #run(nowMs: number): Order {
    const course = this.#course;
    if (!course) return rest;
    const ahead = nowMs + effectMs;
    const now = this.travel.at(nowMs);
    const expected = this.travel.speed;
    const coming = {
      pan: now.pan + (this.#told.pan * expected.pan * effectMs) / 1000,
      tilt: now.tilt + (this.#told.tilt * expected.tilt * effectMs) / 1000,
    };
    const off = this.#missing(ahead, coming);
    const { half } = this.view;
    const pace = Math.hypot(course.speed.pan / half.pan, course.speed.tilt / half.tilt);
    const away = Math.hypot(off.x, off.y);
    if (this.#isResting && away < band.begin && pace < walking * 2) return this.#halt(nowMs);
    if (away < band.rest && pace < walking) return this.#halt(nowMs);
    if (this.#isResting) this.#begunMs = nowMs;
    this.#isResting = false;
    const share = (axis: keyof Turn, missing: number): number => {
      const wanted = course.speed[axis] + gain * missing * half[axis];
      const bounded = bound(wanted / expected[axis], -this.#rate, this.#rate);
      return Math.abs(bounded) < slowestShare ? 0 : bounded;
    };
    const asked = { pan: share('pan', off.x), tilt: share('tilt', off.y) };
    if (isNews(asked, this.#told)) this.#told = asked;
    this.travel.told(nowMs, this.#told);
    return { kind: 'run', ...this.#told };
  }

  /** From where the dome looks to where he will be, in halves of the picture. */
  #missing(ms: number, from: Turn): Point {
    return this.view.way(from, this.#course?.at(ms) ?? from);
  }
}

/** From its beginning, while the dome catches up: later on it does what he does, and what slides by his
 * turning back would be taken for the dome's. */
const learningMs = 1600;
/** Between two moves: the dome is seen to stand, and the next one goes out. */
const standsMs = 150;

const isNews = (asked: Turn, told: Turn): boolean =>
  (['pan', 'tilt'] as const).some((axis) => {
    const differs = Math.abs(asked[axis] - told[axis]);
    return differs > Math.max(news.share, news.part * Math.abs(told[axis]));
  });

const bound = (value: number, from: number, to: number): number =>
  Math.min(to, Math.max(from, value));
