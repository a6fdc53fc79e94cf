// One thing of the dome that is on or off (switches.ts). Level-triggered: on is repeated while wanted, since
// a dome forgets it when it reboots; off is sent to every recipe that may be on, and repeated.
// A newer target always wins: what is in flight is given up, and its successor is sent again after it.

import type { Clock } from '../ports.ts';
import { asDomeError, DomeError } from './error.ts';
import { type Following, nameOf } from './profile.ts';

export const actuatorTimes = {
  callMs: 2000,
  /** Off is sent again this long after it was first sent, unless it was verified. */
  offAgainMs: [2000, 10_000],
  retryMs: 500,
  retryOnMsMax: 2000,
  retryOffMsMax: 10_000,
} as const;

export interface ActuatorParts {
  readonly recipes: readonly Following[];
  readonly clock: Clock;
  readonly chance: () => number;
  /** Switches once; resolves to whether it was verified, rejects with a `DomeError`. */
  readonly perform: (recipe: Following, on: boolean, signal: AbortSignal) => Promise<boolean>;
  /** After each pass: null when it went well, else one sentence. */
  readonly outcome: (trouble: string | null) => void;
}

export interface PassResult {
  readonly recipe: string;
  readonly verified: boolean;
}

/** `on`: worked and not switched off since. `maybe`: failed, but the dome may have done it all the same. */
type Belief = 'unknown' | 'on' | 'maybe' | 'off';

interface Pass {
  readonly on: boolean;
  readonly abort: AbortController;
  /** Took the place of an opposite one that was still in flight. */
  readonly overtook: boolean;
  /** Called when the pass has ended, well or not. */
  readonly ended: (result: PassResult | DomeError) => void;
}

/** The link's trouble and not the recipe's: it tells, and asserts everything when the dome is back. */
const isAway = (failure: DomeError | null): boolean =>
  failure?.kind === 'unreachable' || failure?.kind === 'held';

export class Actuator {
  readonly #parts: ActuatorParts;
  readonly #beliefs: Belief[];
  #target = false;
  #preferred = 0;
  #pass: Pass | null = null;
  #failures = 0;
  #offSent = 0;
  #closed = false;
  #stopTimer: () => void = () => {};

  constructor(parts: ActuatorParts) {
    this.#parts = parts;
    this.#beliefs = parts.recipes.map(() => 'unknown');
  }

  /** Wanted on, or off not said yet. */
  get busy(): boolean {
    return this.#target || this.#failures > 0;
  }

  /** The recipe that is tried first. */
  get preferred(): Following | null {
    return this.#parts.recipes[this.#preferred] ?? null;
  }

  /** Safe to repeat. Sends at once when the target is a new one. */
  want(on: boolean): void {
    if (on === this.#target) return;
    this.#target = on;
    this.#offSent = 0;
    this.#failures = 0;
    this.#begin();
  }

  /** Says again what is wanted. `fresh`: the dome was away, so the first recipe gets its chance again. */
  assert(fresh: boolean, on = this.#target): Promise<PassResult | DomeError> {
    this.#target = on;
    if (fresh) {
      this.#preferred = 0;
      this.#doubt();
    }
    this.#offSent = 0;
    return new Promise((ended) => this.#begin(ended));
  }

  /** Like `want`, for once also when nothing changes; tells how it went. */
  try(on: boolean): Promise<PassResult | DomeError> {
    this.#target = on;
    this.#offSent = 0;
    return new Promise((ended) => this.#begin(ended));
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer();
    const pass = this.#pass;
    this.#pass = null;
    pass?.abort.abort();
    pass?.ended(new DomeError('superseded', 'closed'));
  }

  #begin(ended: Pass['ended'] = () => {}): void {
    this.#stopTimer();
    const old = this.#pass;
    this.#pass = null;
    old?.abort.abort();
    old?.ended(new DomeError('superseded', 'a newer target took its place'));
    if (this.#closed || this.#parts.recipes.length === 0)
      return ended(new DomeError('missing', 'the profile has no recipe for it'));
    const overtook = old !== null && old.on !== this.#target;
    // What is given up in flight may have reached the dome all the same.
    if (old?.on) this.#doubt();
    const pass = { on: this.#target, abort: new AbortController(), overtook, ended };
    this.#pass = pass;
    void (pass.on ? this.#switchOn(pass) : this.#switchOff(pass));
  }

  #doubt(): void {
    this.#beliefs.forEach((belief, index) => {
      if (belief === 'off') this.#beliefs[index] = 'unknown';
    });
  }

  async #switchOn(pass: Pass): Promise<void> {
    const { recipes } = this.#parts;
    const problems: string[] = [];
    let last: DomeError | null = null;
    for (let step = 0; step < recipes.length; step += 1) {
      const index = (this.#preferred + step) % recipes.length;
      const recipe = recipes[index];
      if (!recipe) break;
      const result = await this.#attempt(recipe, index, pass);
      if (this.#pass !== pass) return;
      if (!(result instanceof DomeError)) {
        this.#preferred = index;
        this.#succeeded(pass, recipe, result, recipe.repeatEveryS * 1000);
        return;
      }
      problems.push(`${nameOf(recipe)}: ${result.message}`);
      last = result;
      if (isAway(result)) break;
    }
    this.#preferred = 0;
    this.#failed(pass, `could not be switched on (${problems.join('; ')})`, last);
  }

  /** Off goes to whatever may be on, surest first: a recipe that failed may have lit it all the same,
   * and a predecessor that was killed has left no note of which one it used. */
  async #switchOff(pass: Pass): Promise<void> {
    const order: readonly Belief[] = ['on', 'maybe', 'unknown', 'off'];
    const rows = this.#parts.recipes
      .map((recipe, index) => ({ recipe, index, belief: this.#beliefs[index] ?? 'unknown' }))
      .filter(({ belief }) => belief !== 'off' || this.#offSent > 0)
      .sort((a, b) => order.indexOf(a.belief) - order.indexOf(b.belief));
    // It is off for all that is known, and has been said so.
    if (rows.length === 0) return this.#nothingToSay(pass);
    const problems: string[] = [];
    let done: { recipe: Following; verified: boolean } | null = null;
    let mustFail = false;
    let last: DomeError | null = null;
    for (const { recipe, index, belief } of rows) {
      const result = await this.#attempt(recipe, index, pass);
      if (this.#pass !== pass) return;
      if (!(result instanceof DomeError)) {
        done ??= { recipe, verified: result };
        continue;
      }
      mustFail ||= belief === 'on';
      problems.push(`${nameOf(recipe)}: ${result.message}`);
      last = result;
      if (isAway(result)) break;
    }
    if (!done || mustFail)
      return this.#failed(pass, `could not be switched off (${problems.join('; ')})`, last);
    const againMs = this.#offAgainMs(done.verified && !pass.overtook);
    this.#succeeded(pass, done.recipe, done.verified, againMs);
  }

  #nothingToSay(pass: Pass): void {
    this.#pass = null;
    this.#failures = 0;
    pass.ended(new DomeError('superseded', 'it is off already'));
  }

  #offAgainMs(verified: boolean): number | null {
    const times = actuatorTimes.offAgainMs;
    const nextMs = verified ? undefined : times[this.#offSent];
    const beforeMs = times[this.#offSent - 1] ?? 0;
    this.#offSent += 1;
    return nextMs === undefined ? null : nextMs - beforeMs;
  }

  async #attempt(recipe: Following, index: number, pass: Pass): Promise<boolean | DomeError> {
    try {
      const verified = await this.#parts.perform(recipe, pass.on, pass.abort.signal);
      if (this.#pass === pass) this.#beliefs[index] = pass.on ? 'on' : 'off';
      return verified;
    } catch (error) {
      const failure = asDomeError(error);
      if (pass.on && !isAway(failure) && this.#beliefs[index] !== 'on')
        this.#beliefs[index] = 'maybe';
      return failure;
    }
  }

  #succeeded(pass: Pass, recipe: Following, verified: boolean, againMs: number | null): void {
    this.#pass = null;
    this.#failures = 0;
    this.#parts.outcome(null);
    if (againMs !== null) this.#later(againMs);
    pass.ended({ recipe: nameOf(recipe), verified });
  }

  #failed(pass: Pass, trouble: string, last: DomeError | null): void {
    this.#pass = null;
    this.#failures += 1;
    // One bad pass may be the moment of a reboot; the second, half a second later, is told.
    if (this.#failures >= 2 && !isAway(last)) this.#parts.outcome(trouble);
    const capMs = pass.on ? actuatorTimes.retryOnMsMax : actuatorTimes.retryOffMsMax;
    const delayMs = Math.min(capMs, actuatorTimes.retryMs * 2 ** Math.min(this.#failures - 1, 10));
    // What was held back is asserted when the link is up, and not before.
    if (last?.kind !== 'held') this.#later(delayMs * (0.75 + 0.5 * this.#parts.chance()));
    pass.ended(new DomeError(last?.kind ?? 'missing', trouble));
  }

  #later(delayMs: number): void {
    if (this.#closed) return;
    this.#stopTimer = this.#parts.clock.after(delayMs, () => this.#begin());
  }
}
