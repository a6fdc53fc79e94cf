// The stick's hand on the dome. A velocity goes out at once, the newest wins, and one request at a time is
// under way. When it ends the dome is told to stop, and told again until it stands: a Timeout is heeded by
// some makes only (84 s of run-away: scrypted#2124), a Stop ignored by others. Keeps to the range on the way.

import type { Velocity } from '../core/command.ts';
import type { Motion } from '../core/target.ts';
import type { Clock } from '../ports.ts';
import { asDomeError, type DomeError } from './error.ts';
import type { Status } from './motion-operations.ts';
import { pause } from './pause.ts';
import { isLimited, type Range, within } from './range.ts';
import { same, Whereabouts } from './whereabouts.ts';

export const steerTimes = {
  /** Between two velocities; what comes meanwhile waits, and the last of it goes. */
  gapMs: 40,
  /** A velocity that lasts is said again, since the dome ends it by itself after a second. */
  againMs: 500,
  /** Between two looks where it is, so that it keeps to its range. */
  lookMs: 120,
  /** Between two looks whether it stands, and how many there are after each Stop. */
  standMs: 70,
  looks: 4,
  /** Between two tries to stop a dome that does not answer, or does not stop. */
  retryMsMax: 2000,
  /** Whoever sends it elsewhere waits so long for its Stop. */
  settleMs: 500,
  /** A Stop that has not been carried out by then is a fault, ms. */
  runawayMs: 3000,
} as const;
/** From the answer that tells where it is to where a Stop would end, braking included, ms. */
const lateMs = 250;

export interface SteerParts {
  readonly clock: Clock;
  readonly range: Range;
  readonly move: (velocity: Velocity, before: Velocity) => Promise<void>;
  /** `hard`: by a velocity of zero, where a Stop has not helped. */
  readonly stop: (hard: boolean) => Promise<void>;
  readonly look: () => Promise<Status>;
  readonly outcome: (trouble: string | null) => void;
}

const still: Velocity = { pan: 0, tilt: 0, zoom: 0 };
const isStill = ({ pan, tilt, zoom }: Velocity): boolean => pan === 0 && tilt === 0 && zoom === 0;

export class Steer {
  readonly #parts: SteerParts;
  #motion: Motion | null = null;
  /** What the dome was told last; null: it stands. */
  #told: Velocity | null = null;
  #toldMs = Number.NEGATIVE_INFINITY;
  #moving: AbortController | null = null;
  #halting: AbortController | null = null;
  /** Resolves when a Stop has been answered. */
  #stopped: Promise<void> = Promise.resolve();
  #failures = 0;
  #closed = false;
  readonly #where: Whereabouts;
  #watching: AbortController | null = null;
  #stopTimer: () => void = () => {};

  constructor(parts: SteerParts) {
    this.#parts = parts;
    this.#where = new Whereabouts(parts.clock, parts.look);
  }

  /** Something is under way, or has not been seen to stand. */
  get busy(): boolean {
    return this.#told !== null;
  }

  want(motion: Motion | null): void {
    this.#motion = motion;
    this.#next();
  }

  /** Before it is sent elsewhere: told to stand. Nothing more is said of stopping, that would end the new
   * move, too. */
  async settle(): Promise<void> {
    this.#motion = null;
    this.#where.forget();
    this.#next();
    if (this.#told === null) return;
    await Promise.race([this.#stopped, pause(this.#parts.clock, steerTimes.settleMs)]);
    if (this.#motion === null) this.#stands();
  }

  /** The new move did not come off: does it stand? */
  doubt(): void {
    this.#told ??= still;
    this.#next();
  }

  /** Leaves it standing, as far as it answers. */
  async close(): Promise<void> {
    await this.settle();
    this.#closed = true;
    this.#stopTimer();
    this.#watching?.abort();
  }

  #stands(): void {
    this.#told = null;
    this.#halting?.abort();
    this.#halting = null;
    this.#watching?.abort();
    this.#watching = null;
  }

  #next(): void {
    this.#stopTimer();
    if (this.#closed) return;
    const nowMs = this.#parts.clock.now().monoMs;
    if (this.#motion && nowMs >= this.#motion.untilMs) this.#motion = null;
    const motion = this.#motion;
    if (!motion) return this.#halt();
    this.#later(motion.untilMs - nowMs);
    const asked = this.#allowed(motion);
    if (isStill(asked)) return this.#halt();
    this.#halting?.abort();
    this.#halting = null;
    if (this.#moving) return;
    const isSame = this.#told !== null && same(asked, this.#told);
    const dueMs = this.#toldMs + (isSame ? steerTimes.againMs : steerTimes.gapMs);
    if (nowMs >= dueMs) void this.#move(asked, nowMs);
    else this.#later(Math.min(motion.untilMs, dueMs) - nowMs);
  }

  #later(delayMs: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#parts.clock.after(Math.max(1, delayMs), () => this.#next());
  }

  /** Within a range it does not move before it is known where it is. */
  #allowed(asked: Velocity): Velocity {
    const { range } = this.#parts;
    if (!isLimited(range)) return asked;
    this.#watch();
    const { place, ageMs, speed } = this.#where;
    if (!place) return still;
    const reachS = (Math.max(steerTimes.lookMs, ageMs) + lateMs) / 1000;
    const travel = (axis: keyof Velocity) => Math.abs(asked[axis]) * speed[axis] * reachS;
    const reach = { pan: travel('pan'), tilt: travel('tilt'), zoom: travel('zoom') };
    return within(range, asked, place, reach);
  }

  async #move(velocity: Velocity, nowMs: number): Promise<void> {
    const abort = new AbortController();
    const before = this.#told ?? still;
    this.#moving = abort;
    this.#told = velocity;
    this.#toldMs = nowMs;
    try {
      await this.#parts.move(velocity, before);
      this.#failures = 0;
      this.#parts.outcome(null);
    } catch (error) {
      const failure = asDomeError(error);
      if (!abort.signal.aborted) this.#failed('could not be turned', failure);
    }
    if (this.#moving !== abort) return;
    this.#moving = null;
    this.#next();
  }

  #failed(what: string, failure: DomeError): void {
    this.#failures += 1;
    const isAway = failure.kind === 'unreachable' || failure.kind === 'held';
    if (this.#failures >= 2 && !isAway)
      this.#parts.outcome(`the dome ${what}: ${failure.message}; turn it in its own web page`);
  }

  /** Until it stands, or a newer velocity takes its place. A move under way is given up. */
  #halt(): void {
    if (this.#told === null || this.#halting) return;
    this.#moving?.abort();
    this.#moving = null;
    const abort = new AbortController();
    this.#halting = abort;
    let answered = () => {};
    this.#stopped = new Promise((done) => {
      answered = done;
    });
    void this.#untilItStands(abort, answered);
  }

  async #untilItStands(abort: AbortController, answered: () => void): Promise<void> {
    const sinceMs = this.#parts.clock.now().monoMs;
    for (let tries = 0; !abort.signal.aborted; tries += 1) {
      try {
        await this.#parts.stop(tries % 2 === 1);
        answered();
        const stands = await this.#isStanding(abort.signal);
        if (abort.signal.aborted) return;
        // One that tells nothing is told twice.
        if (stands || (stands === null && tries > 0)) {
          this.#failures = 0;
          this.#parts.outcome(null);
          return this.#stands();
        }
        const sinceStopMs = this.#parts.clock.now().monoMs - sinceMs;
        if (stands === false && sinceStopMs > steerTimes.runawayMs)
          this.#parts.outcome('the dome does not stop when it is told to; take its power away');
      } catch (error) {
        const failure = asDomeError(error);
        if (abort.signal.aborted) return;
        this.#failed('could not be stopped', failure);
      }
      const delayMs = Math.min(steerTimes.retryMsMax, tries < 2 ? 20 : 50 * 2 ** tries);
      await pause(this.#parts.clock, delayMs, abort.signal);
    }
  }

  /** Null: the dome does not tell. */
  async #isStanding(signal: AbortSignal): Promise<boolean | null> {
    let stands: boolean | null = null;
    for (let look = 0; look < steerTimes.looks && stands !== true; look += 1) {
      if (look > 0) await pause(this.#parts.clock, steerTimes.standMs, signal);
      stands = (await this.#where.stands(this.#toldMs)) ?? stands;
    }
    return stands;
  }

  /** Follows it while it moves, where there is a border to be kept. */
  #watch(): void {
    if (this.#watching) return;
    const abort = new AbortController();
    this.#watching = abort;
    void this.#follow(abort);
  }

  async #follow(abort: AbortController): Promise<void> {
    let seenMs = Number.POSITIVE_INFINITY;
    while (!abort.signal.aborted && (this.#motion || this.#told)) {
      const before = this.#toldMs < seenMs ? this.#told : null;
      try {
        await this.#where.look(before);
        seenMs = this.#parts.clock.now().monoMs;
      } catch (error) {
        // Not known where it is: after a second it stands.
        asDomeError(error);
      }
      this.#next();
      await pause(this.#parts.clock, steerTimes.lookMs, abort.signal);
    }
    if (this.#watching === abort) this.#watching = null;
  }
}
