// The sticks of the domes, as the hand on the picture and the keys use them. Turning takes the stick where
// it is free; taking it from somebody is an act of its own.

import { signal } from '@preact/signals';
import type { Stick, StickAct, Velocity } from '../../client/stick.ts';
import { said, t } from '../texts.ts';
import type { Desk } from './desk.ts';

export class Sticks {
  /** Terminals whose stick is in our hand. */
  readonly mine = signal<ReadonlySet<string>>(new Set());
  readonly #desk: Desk;
  readonly #known = new Map<string, Stick>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  move(terminal: string, velocity: Velocity): void {
    this.#try(this.#stick(terminal).move(velocity));
  }

  stop(terminal: string): void {
    this.#known.get(terminal)?.stop();
  }

  do(terminal: string, act: StickAct): void {
    this.#try(this.#stick(terminal).do(act));
  }

  takeOrGive(terminal: string): void {
    const stick = this.#stick(terminal);
    this.#try(stick.mine ? stick.release() : stick.take());
  }

  #stick(terminal: string): Stick {
    const known = this.#known.get(terminal);
    if (known) return known;
    const stick = this.#desk.client.stick(terminal);
    this.#known.set(terminal, stick);
    stick.on('lease', ({ mine, why }) => {
      const others = [...this.mine.value].filter((id) => id !== terminal);
      this.mine.value = new Set(mine ? [...others, terminal] : others);
      if (why?.kind === 'stick.lost') {
        const who = why.role === null ? '' : ` ${said(why.role)} ${why.user ?? ''}`;
        this.#desk.notes.say(`${t('stick')}: ${said(why.reason)}${who}`, 'refused');
      }
    });
    return stick;
  }

  #try(asked: Promise<unknown>): void {
    asked.catch((error: unknown) => this.#desk.refused(error));
  }
}
