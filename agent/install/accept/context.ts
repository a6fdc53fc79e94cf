// What a check of an acceptance may do: ask the daemon, wait for what becomes of it, ask the person.

import * as z from 'zod';
import type { Word } from '../../contract.ts';
import type { Clock } from '../../ports.ts';
import { type Figure, isOver } from './certificate.ts';
import { type Began, began, type Doing, type Done, type Looked, looked, standing } from './wire.ts';

export interface Finding {
  /** `absent`: it is not there to be tried. */
  readonly result: 'passed' | 'failed' | 'absent';
  readonly detail: Word;
  readonly figures?: readonly Figure[];
}

export const passed = (detail: Word, figures: readonly Figure[] = []): Finding => {
  const over = figures.find(isOver);
  return { result: over ? 'failed' : 'passed', detail, figures };
};
export const failed = (detail: Word, figures: readonly Figure[] = []): Finding => ({
  ...{ result: 'failed', detail, figures },
});

/** Who stands before the terminal. */
export interface Person {
  tell(words: Word): void;
  /** Null: no answer. */
  ask(words: Word): Promise<boolean | null>;
}

/** Seconds that things are broken for, and that a person has. */
export const times = {
  cutS: 6,
  pullS: 8,
  restartCutS: 20,
  handMs: 60_000,
  arriveMs: 60_000,
} as const;

export interface ContextParts {
  readonly ask: (verb: string, args?: { readonly [name: string]: unknown }) => Promise<unknown>;
  readonly clock: Clock;
  readonly user: string;
  /** Null: nobody is there, and presses are simulated. */
  readonly person: Person | null;
  readonly times: { readonly [T in keyof typeof times]: number };
}

const lookEveryMs = 100;
const taskMs = 30_000;
const task = z.object({ task: z.string() });

export class Context {
  readonly person: Person | null;
  readonly times: ContextParts['times'];
  readonly #parts: ContextParts;

  constructor(parts: ContextParts) {
    this.#parts = parts;
    this.person = parts.person;
    this.times = parts.times;
  }

  get nowMs(): number {
    return this.#parts.clock.now().monoMs;
  }

  async begin(): Promise<Began> {
    return began.parse(await this.#parts.ask('accept.begin', { user: this.#parts.user }));
  }

  async end(): Promise<void> {
    await this.#parts.ask('accept.end', { user: this.#parts.user });
  }

  async look(): Promise<Looked> {
    return looked.parse(await this.#parts.ask('accept.look'));
  }

  /** Resolves with what came of it. */
  async do(doing: Doing): Promise<Done> {
    const { ask, user } = this.#parts;
    const { task: id } = task.parse(await ask('accept.do', { user, doing }));
    const found = await this.until(async () => {
      const { state, done } = standing.parse(await ask('accept.done', { task: id }));
      return state === 'done' ? done : null;
    }, taskMs);
    return found ?? { ok: false, detail: 'no word of it in time' };
  }

  /** Polls until `find` gives something; null: not in time. */
  async until<T>(find: () => Promise<T | null>, withinMs: number): Promise<T | null> {
    const endMs = this.nowMs + withinMs;
    for (;;) {
      const found = await find();
      if (found !== null || this.nowMs >= endMs) return found;
      await new Promise<void>((next) => void this.#parts.clock.after(lookEveryMs, next));
    }
  }
}
