// One lane of the outbox as the uplink sees it: rows ready to be sent, in seq order, and how far the
// outbox has been read. The outbox is the only queue; what does not fit here is read again later.

import type { Lane } from '../core/message.ts';
import type { OutboxRow } from '../ports.ts';

export type HeldState = 'ready' | 'flying' | 'awaiting' | 'received' | 'gone';

/** A row in memory, from its offer or its page until it is settled. */
export interface Held {
  readonly row: OutboxRow;
  readonly bytes: number;
  /** The disk did not have it when it was offered. */
  readonly unstored: boolean;
  state: HeldState;
  /** Some broker has acknowledged it, with somebody subscribed. */
  taken: boolean;
  /** How often it was published. */
  tries: number;
  /** Monotonic time at which it is published again, once acknowledged and without a receipt. */
  againMs: number;
}

/** Rows ready in memory, a lane; the rest stays in the outbox. */
export const readyRowsMax = 1000;
export const pageRows = 500;

export class LaneQueue {
  readonly lane: Lane;
  /** Highest seq taken over from the outbox, directly or by page. */
  cursor = -1;
  /** Everything the outbox has was taken over: fresh rows may come in without a page. */
  caughtUp = false;
  reading: { readonly sinceMs: number } | null = null;
  /** A page failed: not before this monotonic time again. */
  readAgainMs = 0;
  /** A row was left to the outbox while a page was being read. */
  missed = false;
  #ready: Held[] = [];
  #head = 0;

  constructor(lane: Lane) {
    this.lane = lane;
  }

  get readyRows(): number {
    return this.#ready.length - this.#head;
  }

  peek(): Held | undefined {
    for (;;) {
      const held = this.#ready[this.#head];
      if (!held || held.state === 'ready') return held;
      this.#head += 1;
    }
  }

  shift(): void {
    this.#head += 1;
    if (this.#head < 256 || this.#head * 2 < this.#ready.length) return;
    this.#ready = this.#ready.slice(this.#head);
    this.#head = 0;
  }

  /** Puts a row where its seq belongs; nearly always that is the end. */
  insert(held: Held): void {
    const last = this.#ready.at(-1);
    if (this.readyRows === 0 || (last && last.row.seq < held.row.seq)) this.#ready.push(held);
    else this.merge([held]);
  }

  /** Puts rows back among those that are ready, by seq. */
  merge(back: readonly Held[]): void {
    if (back.length === 0) return;
    const rest = this.#ready.slice(this.#head);
    this.#ready = [...back, ...rest].sort((a, b) => a.row.seq - b.row.seq);
    this.#head = 0;
  }
}
