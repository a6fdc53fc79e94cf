// Cases that ended while this desk was not there: asked of every terminal once, a few at a time and behind
// everything that is urgent, so that whoever sits down finds what the shift before has done.

import { effect } from '@preact/signals';
import type { PastCursor } from '../../../core/past.ts';
import { CommandRefused, NoAnswer, type Result } from '../../client/commands.ts';
import type { TerminalView } from '../../client/terminals.ts';
import type { Desk } from './desk.ts';

type Listed = Result<'incident.list'>;

const atOnce = 2;
/** Between two terminals: five hundred are asked within a minute, and nobody notices. */
const pauseMs = 100;
/** A hundred cases at six a page and more. */
const pagesMax = 20;

export class Past {
  readonly #desk: Desk;
  /** Terminals that have answered, or have said no. */
  readonly #asked = new Set<string>();
  /** Those of them that did not answer: asked again when the line has come anew. */
  readonly #missed = new Set<string>();
  #lineMs = 0;
  #asking = 0;
  #end: (() => void) | null = null;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  open(): void {
    if (!this.#desk.may('incident.list')) return;
    this.#end = effect(() => {
      const { settled, line, terminals } = this.#desk.watch;
      const { up, sinceMs } = line.value;
      if (sinceMs !== this.#lineMs) for (const id of this.#missed) this.#asked.delete(id);
      if (sinceMs !== this.#lineMs) this.#missed.clear();
      this.#lineMs = sinceMs;
      if (settled.value && up && terminals.value.size > 0) this.#next();
    });
  }

  close(): void {
    this.#end?.();
    this.#end = null;
  }

  #next(): void {
    const { watch, clock } = this.#desk;
    const left = [...watch.terminals.peek().values()].filter(
      ({ id, online, birth }) => online && birth && !this.#asked.has(id),
    );
    for (const view of left.slice(0, atOnce - this.#asking)) {
      this.#asked.add(view.id);
      this.#asking++;
      void this.#ask(view).finally(() => {
        this.#asking--;
        clock.after(pauseMs, () => this.#end && this.#next());
      });
    }
  }

  async #ask({ id: terminal, birth }: TerminalView): Promise<void> {
    const of = { terminal, identity: birth?.identity ?? null };
    let before: PastCursor | null = null;
    for (let page = 0; page < pagesMax && this.#end; page++) {
      try {
        const listed: Listed = await this.#desk.client.command(terminal, 'incident.list', {
          before,
        });
        this.#desk.book.past(listed.cases, of);
        before = listed.next;
      } catch (error) {
        if (error instanceof NoAnswer) this.#missed.add(terminal);
        // One of an older version knows of no list.
        else if (!(error instanceof CommandRefused)) throw error;
        return;
      }
      if (!before) return;
    }
  }
}
