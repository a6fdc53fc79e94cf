// Feeds systemd's watchdog, and only as long as the loop works: a tick goes through the terminal as a
// fact like any other, and the dog is fed when its turn is done, which is after its commit returned
// or the failure was told. A dead disk never starves it, a loop that does not turn always does.
// On an idle terminal an empty turn probes the disk, so that a dead one is not found by an alarm.

import type { Fact } from '../core/fact.ts';
import type { Clock, Notify, Store } from '../ports.ts';

/** How often an idle terminal writes its probe row, at most: flash wears. */
export const probeMs = 120_000;
/** A watchdog's time holds three ticks; without one a tick looks after the probe. */
const tickMsMax = 10_000;

export interface WatchdogParts {
  readonly clock: Clock;
  readonly notify: Notify;
  /** One line on how the terminal is. */
  readonly status: () => string;
  /** What ticks go through; null while the terminal is unarmed: the bare loop. */
  readonly terminal: Ticked | null;
}

export interface Ticked {
  emit(fact: Fact, stepped?: () => void): void;
  readonly store: Pick<Store, 'commit' | 'figures'>;
}

const nothing = { entities: [], audit: [], enqueue: [], settle: [] };

export class Watchdog {
  readonly #parts: WatchdogParts;
  readonly #tickMs: number;
  #transactions = -1;
  #wroteMs = 0;
  #isOpen = false;
  #cancel: () => void = () => undefined;

  constructor(parts: WatchdogParts) {
    this.#parts = parts;
    this.#tickMs = Math.min(tickMsMax, (parts.notify.watchdogMs ?? Number.POSITIVE_INFINITY) / 3);
  }

  /** The first tick is at once. */
  open(): void {
    this.#isOpen = true;
    this.#tick();
  }

  close(): void {
    this.#isOpen = false;
    this.#cancel();
  }

  #tick(): void {
    const { clock, terminal } = this.#parts;
    this.#cancel = clock.after(this.#tickMs, () => this.#tick());
    if (!terminal) return this.#feed();
    this.#probeIfIdle(terminal);
    terminal.emit({ kind: 'time.passed' }, () => this.#feed());
  }

  #feed(): void {
    // The turn of a tick may end after the door was closed.
    if (!this.#isOpen) return;
    this.#parts.notify.feed();
    this.#parts.notify.status(this.#parts.status());
  }

  #probeIfIdle(terminal: Ticked): void {
    const { store } = terminal;
    const nowMs = this.#parts.clock.now().monoMs;
    const { transactions, behind } = store.figures();
    if (transactions !== this.#transactions) {
      this.#transactions = transactions;
      this.#wroteMs = nowMs;
    }
    // What is behind is tried again by the store; a probe would only queue up with it.
    if (behind > 0 || nowMs - this.#wroteMs < probeMs) return;
    const { durable, reason } = store.commit(nothing);
    if (!durable)
      terminal.emit({ kind: 'storage.failed', reason: reason ?? 'no answer', unstored: [] });
    this.#transactions = store.figures().transactions;
    this.#wroteMs = nowMs;
  }
}
