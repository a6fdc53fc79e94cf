// The daemon as the panel knows it: by control.sock alone. How it is is asked twice a second while somebody
// looks, and few questions are under way at a time. A daemon that hangs holds nobody up but who asks it.

import type * as z from 'zod';
import { askControl, ControlFailed } from '../control.ts';
import {
  type LocalOutcome,
  type LocalView,
  type localAsk,
  localLimits,
  localOutcome,
  localView,
} from '../local/words.ts';
import type { Clock } from '../ports.ts';

export const daemonTimes = {
  /** Between two looks. */
  lookMs: 500,
  /** Without an answer for so long it does not answer. */
  answerMs: 2_000,
  /** What must arrive is asked anew after this .. */
  insistMs: 1_000,
  /** .. for so long. */
  insistForMs: 10 * 60_000,
} as const;

/** Questions under way; control.sock has 16 clients for all who ask. */
const atOnce = 4;

export type LocalAsk = z.input<typeof localAsk>;

export class Daemon {
  readonly #path: string;
  readonly #clock: Clock;
  #view: LocalView | null = null;
  #answers = false;
  readonly #watchers = new Set<() => void>();
  /** Null: nobody looks. */
  #cancel: (() => void) | null = null;
  #looking: Promise<void> | null = null;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #under = 0;
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** As it was last known; null: never. */
  get view(): LocalView | null {
    return this.#view;
  }

  get answers(): boolean {
    return this.#answers;
  }

  /** Calls back after each look, until it is told to stop. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    if (!this.#cancel) this.#lookAgain(0);
    return () => void this.#watchers.delete(watcher);
  }

  /** Looks, unless that was a moment ago. Never rejects. */
  look(withinMs: number = daemonTimes.lookMs / 2): Promise<void> {
    if (this.#clock.now().monoMs - this.#lookedMs < withinMs) return Promise.resolve();
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Has something done. Throws `ControlFailed` where the daemon does not answer. */
  async act(ask: LocalAsk): Promise<LocalOutcome> {
    const timeoutMs = ask.act.do === 'test' ? localLimits.actMs + 2_000 : daemonTimes.answerMs;
    const outcome = localOutcome.safeParse(await this.ask('local.do', ask, timeoutMs));
    if (!outcome.success) throw new ControlFailed('no-answer', 'an answer of another version');
    this.#lookedMs = Number.NEGATIVE_INFINITY;
    return outcome.data;
  }

  /** As `act`, and until it has arrived: an alarm is not given up. Resolves after the first try. */
  async insist(ask: LocalAsk): Promise<void> {
    if (await this.#arrives(ask)) return;
    const endMs = this.#clock.now().monoMs + daemonTimes.insistForMs;
    const again = (): void => {
      this.#clock.after(daemonTimes.insistMs, async () => {
        if (this.#isClosed || this.#clock.now().monoMs >= endMs) return;
        if (!(await this.#arrives(ask))) again();
      });
    };
    again();
  }

  /** Throws `ControlFailed`. */
  async ask(verb: string, args: object = {}, timeoutMs: number = daemonTimes.answerMs) {
    if (this.#under >= atOnce) await new Promise<void>((turn) => this.#waiting.push(turn));
    this.#under += 1;
    try {
      const question = { path: this.#path, verb, args: { ...args }, timeoutMs };
      return await askControl({ ...question, clock: this.#clock });
    } finally {
      this.#under -= 1;
      this.#waiting.shift()?.();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.#watchers.clear();
  }

  async #arrives(ask: LocalAsk): Promise<boolean> {
    try {
      await this.act(ask);
      return true;
    } catch (error) {
      if (error instanceof ControlFailed) return false;
      throw error;
    }
  }

  #lookAgain(delayMs: number): void {
    this.#cancel = this.#clock.after(delayMs, async () => {
      await this.look(0);
      for (const watcher of [...this.#watchers]) watcher();
      this.#cancel = null;
      if (this.#watchers.size > 0 && !this.#isClosed) this.#lookAgain(daemonTimes.lookMs);
    });
  }

  async #look(): Promise<void> {
    try {
      const view = localView.safeParse(await this.ask('local.view'));
      this.#answers = view.success;
      if (view.success) this.#view = view.data;
    } catch (error) {
      if (!(error instanceof ControlFailed)) throw error;
      this.#answers = false;
    }
    this.#lookedMs = this.#clock.now().monoMs;
  }
}
