// Strobe and siren as they are switched: as the terminal has answered us, until its birth message, which all
// desks read, says the same a moment later.

import { signal } from '@preact/signals';
import type { Desk } from './desk.ts';

type What = 'strobe' | 'siren';

/** Births follow a change within a fraction of that. */
const ownMs = 3_000;

export class Lights {
  readonly #answered = signal<ReadonlyMap<string, boolean>>(new Map());
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  isOff(terminal: string, what: What): boolean {
    const own = this.#answered.value.get(`${terminal}/${what}`);
    if (own !== undefined) return own;
    const view = this.#desk.watch.terminals.value.get(terminal);
    return view?.birth?.lights?.[what] === 'off';
  }

  async toggle(terminal: string, what: What): Promise<void> {
    const off = !this.isOff(terminal, what);
    const answer = await this.#desk.tryTo(terminal, off ? `${what}-off` : `${what}-on`, {});
    if (!answer) return;
    const key = `${terminal}/${what}`;
    const answered = new Map(this.#answered.value).set(key, off);
    this.#answered.value = answered;
    this.#desk.clock.after(ownMs, () => {
      const others = new Map(this.#answered.value);
      others.delete(key);
      this.#answered.value = others;
    });
  }
}
