// What an acceptance breaks on purpose, for seconds: the dome's cable, and the line to the broker.

import type { Clock } from '../../ports.ts';

/** Seconds at most; the fault `uplink.down` comes after 30. */
export const breakSMax = 25;

export class Levers {
  readonly #clock: Clock;
  #domeBackMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asked by the dome's driver before each request. */
  isDomeAway = (): boolean => this.#domeBackMs > 0 && this.#clock.now().monoMs < this.#domeBackMs;

  pullDome(forMs: number): void {
    this.#domeBackMs = this.#clock.now().monoMs + Math.min(forMs, breakSMax * 1000);
  }
}
