// A clock that a test moves by hand, in order of what is due. No real time passes.

import type { ClockQuality } from '#agent/core/fact.ts';
import type { Clock, Ids } from '#agent/ports.ts';

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly call: () => void;
}

export class VirtualClock implements Clock {
  monoMs: number;
  wallMs: number;
  bootId = 'boot-1';
  quality: ClockQuality = 'good';
  #due: Due[] = [];
  #order = 0;

  constructor(monoMs = 1_000_000, wallMs = Date.UTC(2026, 10, 21, 8)) {
    this.monoMs = monoMs;
    this.wallMs = wallMs;
  }

  now() {
    const { bootId, monoMs, wallMs, quality } = this;
    return { bootId, monoMs, wallMs, clock: quality };
  }

  after(delayMs: number, call: () => void): () => void {
    const due: Due = { atMs: this.monoMs + Math.max(0, delayMs), order: this.#order++, call };
    this.#due.push(due);
    return () => {
      this.#due = this.#due.filter((other) => other !== due);
    };
  }

  /** Lets `ms` pass: every timer due by then is called at its own time, earliest first. */
  advance(ms: number): void {
    const endMs = this.monoMs + ms;
    for (;;) {
      const next = this.#due
        .filter((due) => due.atMs <= endMs)
        .sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (!next) break;
      this.#due = this.#due.filter((due) => due !== next);
      this.#moveTo(next.atMs);
      next.call();
    }
    this.#moveTo(endMs);
  }

  /** Like `advance`, letting promises settle after each timer. */
  async pass(ms: number): Promise<void> {
    const endMs = this.monoMs + ms;
    await settlePromises();
    for (;;) {
      const nextMs = Math.min(...this.#due.map((due) => due.atMs));
      if (!(nextMs <= endMs)) break;
      this.advance(Math.max(0, nextMs - this.monoMs));
      await settlePromises();
    }
    this.#moveTo(endMs);
  }

  /** A process ends: its timers never fire. */
  forget(): void {
    this.#due = [];
  }

  get timers(): number {
    return this.#due.length;
  }

  #moveTo(monoMs: number): void {
    const step = Math.max(0, monoMs - this.monoMs);
    this.monoMs += step;
    this.wallMs += step;
  }
}

const settlePromises = () => new Promise<void>((done) => setImmediate(done));

/** Ids `id-1`, `id-2` ..; chance 0.5. */
export function countingIds(prefix = 'id'): Ids {
  let n = 0;
  return { next: () => `${prefix}-${++n}`, chance: () => 0.5 };
}
