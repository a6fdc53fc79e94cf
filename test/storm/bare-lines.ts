// Bare contacts: no count, no memory. What they do while nobody looks is gone; a level at the start is
// told as a level.

import type { Contact, FactOf } from '#agent/core/fact.ts';
import type { Inputs, Sink } from '#agent/ports.ts';

export class BareLines implements Inputs {
  readonly #contacts = new Map<string, Contact>();
  readonly #nowMs: () => number;
  #sink: Sink | null = null;

  constructor(inputs: readonly string[], nowMs: () => number) {
    for (const input of inputs) this.#contacts.set(input, 'normal');
    this.#nowMs = nowMs;
  }

  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
    for (const input of this.#contacts.keys()) this.#tell(input, { earliestMs: null });
  }

  async close(): Promise<void> {
    this.#sink = null;
  }

  contact(input: string, contact: Contact): void {
    if (this.#contacts.get(input) === contact) return;
    this.#contacts.set(input, contact);
    this.#tell(input);
  }

  #tell(input: string, late: Pick<FactOf<'input.changed'>, 'earliestMs'> = {}): void {
    const contact = this.#contacts.get(input) ?? 'normal';
    this.#sink?.emit({ kind: 'input.changed', input, contact, edgeMs: this.#nowMs(), ...late });
  }
}
