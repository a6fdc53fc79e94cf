// One input: its line or two, from levels to contacts to `input.changed`. What is wrong with a line is its
// fault and nobody else's; as long as one of two lines can be had, the input works.

import { Faults } from '../buttons/faults.ts';
import type { Contact } from '../core/fact.ts';
import type { Clock, Sink } from '../ports.ts';
import { type Contacts, contactsOf, unknown, type Wiring } from './contacts.ts';
import { Filter } from './filter.ts';
import { InputLine, type LineFigures } from './input-line.ts';
import type { Bias, Kernel, Level, Place } from './kernel.ts';

/** Chatter is told again only after this long without. */
const calmAfterMs = 10_000;

export interface InputSetup {
  readonly id: string;
  readonly name: string;
  readonly contact: Wiring;
  /** Of the make contact where there are two. */
  readonly place: Place;
  /** Of the break contact where there are two. */
  readonly pair: Place | null;
  readonly bias: Bias;
  /** The level of a closed contact. */
  readonly closed: Level;
}

export interface InputParts {
  readonly setup: InputSetup;
  readonly debounceMs: number;
  readonly clock: Clock;
}

type Side = keyof Contacts;

export class GpioInput {
  readonly #parts: InputParts;
  readonly #faults: Faults;
  #filter: Filter;
  #lines = new Map<Side, InputLine>();
  #contacts = unknown;
  #sink: Sink | null = null;
  #cancelDue: (() => void) | null = null;
  #lastChatterMs = Number.NEGATIVE_INFINITY;
  #isOpen = false;
  /** Nothing was seen of it until now. */
  #isNew = true;

  constructor(parts: InputParts) {
    this.#parts = parts;
    this.#faults = new Faults(`input.${parts.setup.id}`);
    this.#filter = new Filter(parts.debounceMs);
  }

  get id(): string {
    return this.#parts.setup.id;
  }

  /** Tells the level, or why there is none, before it returns. */
  open(kernel: Kernel, sink: Sink): void {
    const { contact, place, pair } = this.#parts.setup;
    this.#sink = sink;
    this.#faults.open(sink);
    this.#filter = new Filter(this.#parts.debounceMs);
    this.#contacts = unknown;
    this.#isNew = true;
    const places: [Side, Place | null][] =
      contact === 'pair'
        ? [
            ['no', place],
            ['nc', pair],
          ]
        : [[contact, place]];
    for (const [side, at] of places) if (at) this.#lines.set(side, this.#line(side, at, kernel));
    // Both first: the half of a pair says something else than the whole.
    for (const line of this.#lines.values()) line.open();
    this.#isOpen = true;
    this.#heed(unknown, this.#parts.clock.now().monoMs);
  }

  close(): void {
    this.#isOpen = false;
    this.#cancelDue?.();
    this.#cancelDue = null;
    for (const line of this.#lines.values()) line.close();
    this.#lines.clear();
    this.#sink = null;
  }

  get isPolled(): boolean {
    return [...this.#lines.values()].some((line) => line.isPolled);
  }

  look(nowMs: number): void {
    for (const line of this.#lines.values()) line.look(nowMs);
    if (nowMs - this.#lastChatterMs >= calmAfterMs) this.#faults.clear('chatter');
  }

  figures(): LineFigures[] {
    return [...this.#lines.values()].map((line) => line.figures());
  }

  #line(side: Side, place: Place, kernel: Kernel): InputLine {
    const { setup, clock } = this.#parts;
    const fault = side === 'nc' && setup.contact === 'pair' ? 'pair' : 'line';
    return new InputLine({
      place,
      bias: setup.bias,
      clock,
      kernel,
      level: (level, atMs) => this.#set(side, level === setup.closed, atMs),
      up: () => this.#faults.clear(fault),
      down: (trouble) => {
        this.#faults.raise(fault, `${setup.name}: ${trouble.message}.`);
        this.#set(side, null, clock.now().monoMs);
        this.#isNew = true;
      },
    });
  }

  #set(side: Side, isClosed: boolean | null, atMs: number): void {
    const before = this.#contacts;
    this.#contacts = { ...before, [side]: isClosed };
    if (this.#isOpen) this.#heed(before, atMs);
  }

  #heed(before: Contacts, atMs: number): void {
    for (const contact of contactsOf(before, this.#contacts))
      for (const told of this.#filter.edge(contact, atMs)) this.#tell(told.contact, told.atMs);
    this.#waitForRest();
  }

  #waitForRest(): void {
    const { clock } = this.#parts;
    const { dueMs } = this.#filter;
    if (dueMs === null || this.#cancelDue) return;
    this.#cancelDue = clock.after(dueMs - clock.now().monoMs, () => {
      this.#cancelDue = null;
      const nowMs = clock.now().monoMs;
      for (const told of this.#filter.due(nowMs)) this.#tell(told.contact, told.atMs);
      if (this.#filter.isChattering(nowMs)) this.#chatter(nowMs);
      this.#waitForRest();
    });
  }

  #chatter(nowMs: number): void {
    this.#lastChatterMs = nowMs;
    this.#faults.raise(
      'chatter',
      `${this.#parts.setup.name}: its contact does not come to rest, and counts as pressed ` +
        'meanwhile. A wire is loose, or the line floats: check terminals and bias.',
    );
  }

  #tell(contact: Contact, edgeMs: number): void {
    const { id: input } = this.#parts.setup;
    const late = this.#isNew ? { earliestMs: null } : {};
    this.#isNew = false;
    this.#sink?.emit({ kind: 'input.changed', input, contact, edgeMs, ...late });
  }
}
