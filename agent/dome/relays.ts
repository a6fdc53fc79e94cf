// What the dome tells of its relays by its events, the one way to read them back. Believed to be missing only
// where it has told of that relay before: many tell nothing, and are no liars.

import type { Clock } from '../ports.ts';
import type { Notice } from './event-operations.ts';

/** From the answer to a command to its event, at the latest. */
export const relayToldMs = 1500;

const topic = 'Device/Trigger/Relay';
const relaysMax = 32;

export class Relays {
  readonly #clock: Clock;
  /** Since the subscription was made. */
  readonly #states = new Map<string, boolean>();
  /** Of which a change was told, once. */
  readonly #known = new Set<string>();
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  heard(notices: readonly Notice[]): void {
    for (const { topic: about, sources, state, initial } of notices) {
      const token = sources[0];
      if (about !== topic || token === undefined || state === null) continue;
      if (!this.#states.has(token) && this.#states.size >= relaysMax) continue;
      this.#states.set(token, state);
      if (!initial) this.#known.add(token);
    }
    this.#look();
  }

  /** Nothing is heard any more, or how it is will be told anew. */
  forget(): void {
    this.#states.clear();
    this.#look();
  }

  /** Whether it came to be so in time; null: the dome does not tell. */
  becomes(token: string, active: boolean, signal?: AbortSignal): Promise<boolean | null> {
    const is = () => (this.#known.has(token) ? this.#states.get(token) : undefined);
    return new Promise((done) => {
      const end = (told: boolean | null) => {
        cancel();
        this.#waiting.delete(look);
        signal?.removeEventListener('abort', look);
        done(told);
      };
      const look = () => {
        const state = is();
        if (state === undefined || signal?.aborted) end(null);
        else if (state === active) end(true);
      };
      const cancel = this.#clock.after(relayToldMs, () => end(false));
      this.#waiting.add(look);
      signal?.addEventListener('abort', look, { once: true });
      look();
    });
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}
