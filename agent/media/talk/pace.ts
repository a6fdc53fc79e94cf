// A tick every 10 ms by an absolute clock: a late one is made up for, a long standstill is not.

import type { Clock } from '../../ports.ts';
import { frameMs } from '../sound/frame.ts';

/** Later than this the past is left alone: a heap of old sound is worth less than a gap. */
const lateMsMax = 100;

export class Pace {
  readonly #clock: Clock;
  readonly #tick: () => void;
  #nextMs = 0;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, tick: () => void) {
    this.#clock = clock;
    this.#tick = tick;
  }

  get isRunning(): boolean {
    return this.#cancel !== null;
  }

  start(): void {
    if (this.#cancel) return;
    this.#nextMs = this.#clock.now().monoMs;
    this.#wait(0);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #wait(delayMs: number): void {
    this.#cancel = this.#clock.after(delayMs, () => {
      const nowMs = this.#clock.now().monoMs;
      if (nowMs - this.#nextMs > lateMsMax) this.#nextMs = nowMs;
      for (; this.#nextMs <= nowMs && this.#cancel; this.#nextMs += frameMs) this.#tick();
      if (this.#cancel) this.#wait(this.#nextMs - nowMs);
    });
  }
}
