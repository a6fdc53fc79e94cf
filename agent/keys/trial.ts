// One login in the place of another, on trial: until the broker has acknowledged something on a line that
// shows it, the old one is kept, and it is back at the first failure. While the line fails with both of them,
// each is shown in turn, and the first that the broker takes stays. Pure but for its one timer.

import type { Clock } from '../ports.ts';

export const trialTimes = {
  /** With the new one: as long as an alarm that comes meanwhile may have to wait. */
  withinMs: 15_000,
  pauseMs: 600_000,
  triesMax: 3,
} as const;
export type TrialTimes = { readonly [T in keyof typeof trialTimes]: number };

export interface TrialOptions<L> {
  readonly clock: Clock;
  readonly withinMs: number;
  /** From now on this is shown; `at once`: the line is begun anew with it. */
  readonly show: (login: L, atOnce: boolean) => void;
  readonly ended: (taken: boolean, reason: string) => void;
}

export class Trial<L> {
  readonly #options: TrialOptions<L>;
  readonly #old: L;
  readonly #fresh: L;
  #isFresh = true;
  /** Why the broker did not take the new one. */
  #reason = '';
  #flips = 0;
  #cancel: () => void = () => undefined;

  constructor(options: TrialOptions<L>, { old, fresh }: { readonly old: L; readonly fresh: L }) {
    this.#options = options;
    this.#old = old;
    this.#fresh = fresh;
  }

  begin(): void {
    const { clock, show, withinMs } = this.#options;
    this.#cancel = clock.after(withinMs, () => {
      if (this.#isFresh) this.failed('the broker does not answer');
    });
    show(this.#fresh, true);
  }

  /** The broker has acknowledged something. */
  proven(): void {
    this.#end(this.#isFresh);
  }

  /** A try of the line has failed. The first time its pause is not waited for, or an alarm would. */
  failed(reason: string): void {
    if (this.#isFresh) this.#reason = reason;
    this.#isFresh = !this.#isFresh;
    this.#flips += 1;
    this.#options.show(this.#isFresh ? this.#fresh : this.#old, this.#flips === 1);
  }

  close(): void {
    this.#cancel();
  }

  #end(taken: boolean): void {
    this.#cancel();
    this.#options.ended(taken, this.#reason);
  }
}
