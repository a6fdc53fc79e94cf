// The people at the buttons, and what they are owed: how many presses of each button the platform must
// have in the end. A box counts whether or not anybody listens; a bare line is seen only while it is
// looked at, and a press of it that was never committed is owed to nobody.

import type { Contact } from '#agent/core/fact.ts';
import { FakeInputs } from '#test/fakes/inputs.ts';
import type { Button } from './action.ts';
import { BareLines } from './bare-lines.ts';
import type { Books } from './books.ts';

export const guardKeys = { 'false-alarm': 'false', 'local-reset': 'reset' } as const;

export class Hands {
  readonly box: FakeInputs;
  readonly lines: BareLines;
  readonly owed = new Map<string, number>();
  readonly held = new Set<string>();
  /** Since when presses of a button have been made that nobody has heard yet. */
  readonly unheardMs = new Map<string, number>();
  cableIn = true;
  alive = false;
  readonly #books: Books;
  /** What had been taken when the count began anew; the box can make up for nothing before that. */
  readonly #takenAtRestart = new Map<string, number>();
  readonly #buttons: readonly Button[];
  readonly #nowMs: () => number;

  constructor(buttons: readonly Button[], books: Books, nowMs: () => number) {
    this.#buttons = buttons;
    this.#nowMs = nowMs;
    this.#books = books;
    const on = (source: Button['source']) =>
      buttons.filter((button) => button.source === source).map(({ id }) => id);
    this.box = new FakeInputs([...on('box'), ...Object.values(guardKeys)], nowMs);
    this.lines = new BareLines(on('line'), nowMs);
  }

  /** Presses of this button are being heard right now. */
  heard({ source }: Button): boolean {
    return this.alive && (source === 'line' || this.cableIn);
  }

  isHeard(id: string): boolean {
    const button = this.#buttons.find((one) => one.id === id);
    return button !== undefined && this.heard(button);
  }

  press(button: Button): void {
    if (this.held.has(button.id)) return;
    this.held.add(button.id);
    const isLater = button.source === 'box' && !this.heard(button);
    if (isLater && !this.unheardMs.has(button.id)) this.unheardMs.set(button.id, this.#nowMs());
    if (button.source === 'box' || this.alive) this.#owe(button.id, 1);
    this.#contact(button, 'pressed');
  }

  release(button: Button): void {
    if (this.held.delete(button.id)) this.#contact(button, 'normal');
  }

  /** The loop is cut, shorted or opened; whoever presses, presses through it. */
  wiring(button: Button, contact: 'short' | 'open' | 'tamper'): void {
    if (!this.held.has(button.id)) this.#contact(button, contact);
  }

  /** A bounce: edges that are no presses. */
  bounce(button: Button, contact: 'pressed' | 'normal'): void {
    if (button.source === 'line') this.lines.contact(button.id, contact);
  }

  cable(to: 'in' | 'out'): void {
    this.cableIn = to === 'in';
    if (to === 'in') this.box.mend();
    else this.box.lose();
  }

  /** The count begins anew: what nobody has read of the old one is gone, what is held counts once. */
  boxRestarts(): void {
    for (const button of this.#buttons.filter(({ source }) => source === 'box')) {
      if (!this.heard(button)) this.#forgetUntaken(button);
      this.#takenAtRestart.set(button.id, this.owed.get(button.id) ?? 0);
      if (this.held.has(button.id)) this.#owe(button.id, 1);
    }
    this.box.restart();
  }

  /** A line that is found pressed counts, whoever has pressed it before. */
  started(): void {
    this.alive = true;
    for (const { id, source } of this.#buttons)
      if (source === 'line' && this.held.has(id)) this.#owe(id, 1);
  }

  /** After the books have turned back to what is on disk. */
  async died(): Promise<void> {
    this.alive = false;
    await this.box.close();
    await this.lines.close();
    for (const button of this.#buttons)
      if (button.source === 'line') this.#forgetUntaken(button);
      else this.#forgetUncounted(button);
  }

  /** The known gap once more (`Books.killed`): taken while the disk failed, forgotten by the box that
   * lost power, then by the process that was killed. */
  #forgetUncounted({ id }: Button): void {
    const onDisk = this.#books.disk.taken.get(id) ?? 0;
    const gone = (this.#takenAtRestart.get(id) ?? 0) - onDisk;
    if (gone <= 0) return;
    this.#owe(id, -gone);
    this.#takenAtRestart.set(id, onDisk);
  }

  #forgetUntaken({ id }: Button): void {
    this.owed.set(id, this.#books.memory.taken.get(id) ?? 0);
  }

  #contact({ id, source }: Button, contact: Contact): void {
    if (source === 'box') this.box.contact(id, contact);
    else this.lines.contact(id, contact);
  }

  #owe(id: string, presses: number): void {
    this.owed.set(id, (this.owed.get(id) ?? 0) + presses);
  }
}
