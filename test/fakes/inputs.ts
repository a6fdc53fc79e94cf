// Inputs that a test presses by hand: counts and sessions as a button box has them.

import type { Contact, FactOf } from '#agent/core/fact.ts';
import type { Inputs, Sink } from '#agent/ports.ts';

interface Line {
  contact: Contact;
  total: number;
}

type Late = Pick<FactOf<'input.changed'>, 'earliestMs'>;

export class FakeInputs implements Inputs {
  readonly #lines = new Map<string, Line>();
  readonly #nowMs: () => number;
  readonly #fault: string;
  #sink: Sink | null = null;
  #session = 1;
  #lost = false;

  /** `nowMs`: the source's own clock, for `edgeMs`. */
  constructor(inputs: readonly string[], nowMs: () => number = () => 0, fault = 'box.fake.absent') {
    for (const input of inputs) this.#lines.set(input, { contact: 'normal', total: 0 });
    this.#nowMs = nowMs;
    this.#fault = fault;
  }

  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
    if (this.#lost) this.#tellLost();
    else this.#tellAll({ earliestMs: null });
  }

  async close(): Promise<void> {
    this.#sink = null;
  }

  press(input: string): void {
    this.contact(input, 'pressed');
  }

  release(input: string): void {
    this.contact(input, 'normal');
  }

  contact(input: string, contact: Contact): void {
    const line = this.#line(input);
    if (line.contact === contact) return;
    line.contact = contact;
    if (contact === 'pressed') line.total++;
    this.#tell(input);
  }

  /** The box loses power and comes back: a new session, what is held counts as one press. */
  restart(): void {
    this.#session++;
    for (const line of this.#lines.values()) line.total = line.contact === 'pressed' ? 1 : 0;
    this.#tellAll();
  }

  /** The cable is pulled; the counting goes on. */
  lose(): void {
    this.#lost = true;
    this.#tellLost();
  }

  mend(): void {
    this.#lost = false;
    this.#sink?.emit({ kind: 'fault.cleared', fault: this.#fault });
    this.#tellAll({ earliestMs: null });
  }

  #line(input: string): Line {
    const line = this.#lines.get(input);
    if (!line) throw new RangeError(`no input ${input}`);
    return line;
  }

  #tellLost(): void {
    const detail = 'The fake box cannot be reached: pulled. Plug it in.';
    this.#sink?.emit({ kind: 'fault.raised', fault: this.#fault, detail });
  }

  /** `late`: what nobody has heard may be of any age. */
  #tellAll(late: Late = {}): void {
    for (const input of this.#lines.keys()) this.#tell(input, late);
  }

  #tell(input: string, late: Late = {}): void {
    if (this.#lost) return;
    const { contact, total } = this.#line(input);
    const session = this.#session.toString(16).toUpperCase().padStart(4, '0');
    const count = { session, total };
    const edgeMs = this.#nowMs();
    this.#sink?.emit({ kind: 'input.changed', input, contact, edgeMs, count, ...late });
  }
}
