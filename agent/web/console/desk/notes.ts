// Short news for the dispatcher: what a terminal refused, what a colleague has done. Each stays a while and
// goes by itself; none has to be closed.

import { signal } from '@preact/signals';
import type { ClientClock } from '../../client/clock.ts';

export interface Note {
  readonly id: number;
  readonly text: string;
  readonly tone: 'news' | 'refused';
}

const shownMs = 8_000;
const notesMax = 4;

export class Notes {
  readonly all = signal<readonly Note[]>([]);
  readonly #clock: ClientClock;
  #next = 1;

  constructor(clock: ClientClock) {
    this.#clock = clock;
  }

  say(text: string, tone: Note['tone'] = 'news'): void {
    const note = { id: this.#next++, text, tone };
    // The same once more is the same, from now on.
    const others = this.all.value.filter((one) => one.text !== text);
    this.all.value = [...others, note].slice(-notesMax);
    this.#clock.after(shownMs, () => {
      this.all.value = this.all.value.filter(({ id }) => id !== note.id);
    });
  }
}
