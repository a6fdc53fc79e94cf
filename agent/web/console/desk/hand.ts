// Which case is in hand. The first alarm is taken in hand by itself; after that only the dispatcher's own
// act changes it, or the end of the case: a newer alarm never covers it. Kept over a reload.

import { batch, computed, effect, signal } from '@preact/signals';
import { keep, kept } from '../../page/kept.ts';
import { type Case, firstOf, nextOf } from '../model/case.ts';
import type { Watch } from './watch.ts';

export class Hand {
  readonly id = signal<string | null>(null);
  /** Null: none, or one that has ended. */
  readonly current = computed<Case | null>(
    () => this.#watch.cases.value.find(({ id }) => id === this.id.value) ?? null,
  );
  /** A terminal that is looked at while no case is in hand; null: none. */
  readonly terminal = signal<string | null>(null);
  readonly #watch: Watch;
  #isReading = false;
  /** There were cases already when somebody chose to look at it: no new one covers it. */
  #hadCases = false;
  #end: (() => void) | null = null;

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  open(): void {
    this.id.value = kept('hand');
    this.#end = effect(() => {
      const { cases, settled } = this.#watch;
      const looked = this.terminal.value;
      if (looked !== null) {
        const own = cases.value.find(({ terminal }) => terminal === looked);
        if (own) return this.choose(own.id);
        if (this.#hadCases || cases.value.length === 0) return;
      }
      const isLost = this.current.value === null && settled.value && !this.#isReading;
      if (this.id.value !== null && !isLost) return;
      // One that has ended stays to be read until there is another to look at.
      const next = firstOf(cases.value);
      if (next) this.choose(next.id);
    });
  }

  close(): void {
    this.#end?.();
  }

  choose(id: string): void {
    // One of the past is read for as long as somebody likes.
    this.#isReading = !this.#watch.cases.peek().some((one) => one.id === id);
    batch(() => {
      this.terminal.value = null;
      this.id.value = id;
    });
    keep('hand', id);
  }

  /** Looks at a terminal; a case of its own is taken in hand. */
  look(terminal: string): void {
    this.#hadCases = this.#watch.cases.peek().length > 0;
    batch(() => {
      this.id.value = null;
      this.terminal.value = terminal;
    });
  }

  next(): void {
    const next = nextOf(this.#watch.cases.value, this.id.value);
    if (next) this.choose(next.id);
  }

  /** It is done with: on to the one that waits longest. */
  leave(id: string): void {
    if (this.id.value !== id) return;
    const next = firstOf(this.#watch.cases.value.filter((one) => one.id !== id));
    if (next) this.choose(next.id);
  }
}
