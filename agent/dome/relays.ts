// What the dome tells of its relays by its events, the one way to read them back. Believed to be missing only
// where it has told of that relay before: many tell nothing, and are no liars. Some tell the contact: open or
// closed, and a normally closed one is open while its relay is active.

import type { Clock } from '../ports.ts';
import { asDomeError } from './error.ts';
import type { Notice } from './event-operations.ts';
import type { Operation } from './operations.ts';
import { all, text } from './xml.ts';

/** From the answer to a command to its event, at the latest. */
export const relayToldMs = 1500;

const topic = 'Device/Trigger/Relay';
const relaysMax = 32;

/** Tokens of the relays whose contact is closed while they are idle, and of the others. */
const getIdleStates: Operation<null, ReadonlyMap<string, 'open' | 'closed'>> = {
  name: 'GetRelayOutputs',
  service: 'device',
  body: () => '',
  read: (reply) =>
    new Map(
      all(reply, 'RelayOutputs').flatMap((one): [string, 'open' | 'closed'][] => {
        const [token, idle] = [text(one, '@token'), text(one, 'Properties', 'IdleState')?.trim()];
        return token !== null && (idle === 'open' || idle === 'closed') ? [[token, idle]] : [];
      }),
    ),
};

export class Relays {
  readonly #clock: Clock;
  /** Since the subscription was made. */
  readonly #states = new Map<string, Pick<Notice, 'state' | 'byContact'>>();
  #idle: ReadonlyMap<string, 'open' | 'closed'> = new Map();
  /** Of which a change was told, once. */
  readonly #known = new Set<string>();
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  heard(notices: readonly Notice[]): void {
    for (const { topic: about, sources, state, byContact, initial } of notices) {
      const token = sources[0];
      if (about !== topic || token === undefined || state === null) continue;
      if (!this.#states.has(token) && this.#states.size >= relaysMax) continue;
      this.#states.set(token, { state, byContact });
      if (!initial) this.#known.add(token);
    }
    this.#look();
  }

  /** Asks how its contacts are while they are idle. */
  async learn(ask: <A, R>(operation: Operation<A, R>, args: A) => Promise<R>): Promise<void> {
    try {
      this.#idle = await ask(getIdleStates, null);
    } catch (error) {
      // What is told as a contact's is then not believed.
      asDomeError(error);
    }
  }

  /** Nothing is heard any more, or how it is will be told anew. */
  forget(): void {
    this.#states.clear();
    this.#look();
  }

  /** Whether it came to be so in time; null: the dome does not tell. */
  becomes(token: string, active: boolean, signal?: AbortSignal): Promise<boolean | null> {
    return new Promise((done) => {
      const end = (told: boolean | null) => {
        cancel();
        this.#waiting.delete(look);
        signal?.removeEventListener('abort', look);
        done(told);
      };
      const look = () => {
        const state = this.#stateOf(token);
        if (state === null || signal?.aborted) end(null);
        else if (state === active) end(true);
      };
      const cancel = this.#clock.after(relayToldMs, () => end(false));
      this.#waiting.add(look);
      signal?.addEventListener('abort', look, { once: true });
      look();
    });
  }

  /** Null: not told, or not in a way that can be believed. */
  #stateOf(token: string): boolean | null {
    const told = this.#known.has(token) ? this.#states.get(token) : undefined;
    if (!told?.byContact) return told?.state ?? null;
    const idle = this.#idle.get(token);
    return idle === undefined ? null : told.state !== (idle === 'closed');
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}
