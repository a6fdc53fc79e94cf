// What is said to the daemon and must be a record before we go on: a file gets its name, or is deleted, only
// then. The daemon answers with the number of the last one that is in its chain.

import type { EvidenceSaid, MediaSaid } from '../wire.ts';

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;

export class Told {
  readonly #say: (said: MediaSaid) => void;
  readonly #waiting = new Map<number, () => void>();
  #n = 0;

  constructor(say: (said: MediaSaid) => void) {
    this.#say = say;
  }

  /** Resolves when it is a record; not at all where the daemon ends before. */
  tell(said: Without<EvidenceSaid, 'n'>): Promise<void> {
    const n = ++this.#n;
    return new Promise((done) => {
      this.#waiting.set(n, done);
      this.#say({ ...said, n });
    });
  }

  /** All up to this one are records. */
  heard(last: number): void {
    for (const [n, done] of this.#waiting) {
      if (n > last) return;
      this.#waiting.delete(n);
      done();
    }
  }
}
