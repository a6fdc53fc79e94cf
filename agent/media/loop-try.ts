// The daemon's side of the acoustic loop (talk/loop.ts): asks for one try at a time, and waits for its end.

import type { Clock } from '../ports.ts';
import type { MediaSaid } from './wire.ts';

type Said = Extract<MediaSaid, { t: 'looped' }>;
/** What came of a try. `levelDb` null: digital silence. */
export type Looped = Omit<Said, 't' | 'id'>;

const withinMs = 15_000;
const none = (detail: string): Looped => ({ heard: false, likeness: 0, levelDb: null, detail });

export class LoopTry {
  readonly #clock: Clock;
  readonly #changed: () => void;
  #done: ((looped: Looped) => void) | null = null;
  #id: string | null = null;

  /** `changed`: `id` has. */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Of the try that is wanted now. */
  get id(): string | null {
    return this.#id;
  }

  /** A tone of half a second, as soon as nobody talks and nothing is said. Never rejects. */
  try(id: string): Promise<Looped> {
    if (this.#id !== null) return Promise.resolve(none('it is being tried already'));
    return new Promise((done) => {
      const cancel = this.#clock.after(withinMs, () => this.#end(none('no word of it in time')));
      this.#id = id;
      this.#done = (looped) => {
        cancel();
        done(looped);
      };
      this.#changed();
    });
  }

  heard({ id, heard, likeness, levelDb, detail }: Said): void {
    if (id === this.#id) this.#end({ heard, likeness, levelDb, detail });
  }

  #end(looped: Looped): void {
    const done = this.#done;
    this.#id = null;
    this.#done = null;
    this.#changed();
    done?.(looped);
  }
}
