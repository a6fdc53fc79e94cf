// From what a contact does to what is told of it. The first edge is told at once; then the contact must
// have been quiet before the next is told, and what it says then is: so bounce is one press, and no
// release is lost. Tamper waits, for every pair of contacts passes through it. Pure: time is an argument.

import type { Contact } from '../core/fact.ts';

/** A contact that never comes to rest for this long has a loose wire. */
export const chatterAfterMs = 500;
/** Both contacts of a pair agreeing for this long is no switch-over any more (config/button-box.md). */
export const tamperAfterMs = 500;

export interface Told {
  readonly contact: Contact;
  readonly atMs: number;
}

export class Filter {
  readonly #quietMs: number;
  #told: Contact | null = null;
  #now: Contact | null = null;
  #lastMs = 0;
  /** Since when there was no rest after an edge that was told; null while there is. */
  #restlessMs: number | null = null;
  #sawPress = false;

  /** `quietMs`: what core calls bounce. */
  constructor(quietMs: number) {
    this.#quietMs = quietMs;
  }

  /** Takes what the contact does now; returns what is to be told, oldest first. */
  edge(contact: Contact, atMs: number): Told[] {
    const told = this.due(atMs);
    if (contact === this.#now) return told;
    this.#now = contact;
    this.#lastMs = atMs;
    this.#sawPress ||= contact === 'pressed';
    if (this.#restlessMs !== null || contact === 'tamper' || contact === this.#told) return told;
    // The first sight is a level, not an edge: nothing bounces after it.
    if (this.#told !== null) this.#restlessMs = atMs;
    return [...told, ...this.#tell(contact)];
  }

  /** What time alone brings to light. */
  due(nowMs: number): Told[] {
    const quietForMs = nowMs - this.#lastMs;
    if (this.#restlessMs !== null && quietForMs < this.#quietMs) {
      // A press may hide in the chatter, so chatter is a press that is held.
      return this.isChattering(nowMs) && this.#sawPress ? this.#tell('pressed') : [];
    }
    this.#restlessMs = null;
    this.#sawPress = false;
    if (this.#now === null) return [];
    if (this.#now === 'tamper' && quietForMs < tamperAfterMs) return [];
    return this.#tell(this.#now);
  }

  /** When `due` will have more to say, or null. */
  get dueMs(): number | null {
    if (this.#restlessMs !== null) return this.#lastMs + this.#quietMs;
    return this.#now === 'tamper' && this.#told !== 'tamper' ? this.#lastMs + tamperAfterMs : null;
  }

  isChattering(nowMs: number): boolean {
    return this.#restlessMs !== null && nowMs - this.#restlessMs >= chatterAfterMs;
  }

  #tell(contact: Contact): Told[] {
    if (contact === this.#told) return [];
    this.#told = contact;
    return [{ contact, atMs: this.#lastMs }];
  }
}
