// Candidates on their way to the caller: one by one they would be a message each, so they are gathered for
// a moment, twenty at most.

import type { Clock } from '../../ports.ts';
import type { MediaSaid } from '../wire.ts';

type Gathered = Extract<MediaSaid, { t: 'gathered' }>['candidates'];

const waitMs = 50;
const candidatesMax = 20;

export class Candidates {
  readonly #clock: Clock;
  readonly #send: (candidates: Gathered) => void;
  #waiting: Gathered = [];
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, send: (candidates: Gathered) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  add(candidate: Gathered[number]): void {
    this.#waiting.push(candidate);
    if (this.#waiting.length >= candidatesMax) this.#flush();
    else this.#cancel ??= this.#clock.after(waitMs, () => this.#flush());
  }

  close(): void {
    this.#cancel?.();
    this.#waiting = [];
  }

  #flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    const candidates = this.#waiting;
    this.#waiting = [];
    this.#send(candidates);
  }
}
