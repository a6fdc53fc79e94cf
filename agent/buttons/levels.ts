// Inputs of a source that knows levels and counts nothing: a contact on a modem-control line, a
// digital input of a Modbus module. What a level means is said here, and each change is told once.

import type { Contact } from '../core/fact.ts';
import type { Sink } from '../ports.ts';

export interface LevelInput {
  readonly id: string;
  /** `no`: closed when pressed. `nc`: opened when pressed, so that a cut wire is a press, too. */
  readonly contact: 'no' | 'nc';
}

export class Levels {
  readonly #told = new Map<string, Contact>();
  #sink: Sink | null = null;

  open(sink: Sink): void {
    this.#sink = sink;
    this.forget();
  }

  close(): void {
    this.#sink = null;
  }

  /** What was told last, by id of the input. */
  get told(): ReadonlyMap<string, Contact> {
    return this.#told;
  }

  /** The source was lost: the next level of each input is told whatever it is. */
  forget(): void {
    this.#told.clear();
  }

  /** `edgeMs`: when it was seen, in the daemon's monotonic clock, milliseconds. */
  take({ id, contact }: LevelInput, isClosed: boolean, edgeMs: number): void {
    const now: Contact = isClosed === (contact === 'no') ? 'pressed' : 'normal';
    const before = this.#told.get(id);
    if (before === now) return;
    this.#told.set(id, now);
    const late = before === undefined ? { earliestMs: null } : {};
    this.#sink?.emit({ kind: 'input.changed', input: id, contact: now, edgeMs, ...late });
  }
}
