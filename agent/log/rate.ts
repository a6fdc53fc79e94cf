// How often a line may be said: ten times a minute each, 600 a minute in all. What was left out is
// told once, at the end of its minute. Memory is bounded: 500 lines are known at a time.

import type { Clock } from '../ports.ts';

export const rateLimits = { windowMs: 60_000, perLine: 10, inAll: 600, linesMax: 500 } as const;

interface Seen {
  count: number;
  leftOut: number;
}

const others = '(other lines)';

export class RateLimit {
  readonly #clock: Clock;
  readonly #tell: (leftOut: number, line: string) => void;
  readonly #seen = new Map<string, Seen>();
  #all = 0;
  #endsMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, tell: (leftOut: number, line: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Whether this line may be written now. */
  allows(line: string): boolean {
    const { monoMs } = this.#clock.now();
    if (monoMs >= this.#endsMs) {
      this.#tellLeftOut();
      this.#endsMs = monoMs + rateLimits.windowMs;
    }
    const isKnown = this.#seen.has(line);
    const key = isKnown || this.#seen.size < rateLimits.linesMax ? line : others;
    const seen = this.#seen.get(key) ?? { count: 0, leftOut: 0 };
    this.#seen.set(key, seen);
    const perLine = key === others ? rateLimits.inAll : rateLimits.perLine;
    if (seen.count < perLine && this.#all < rateLimits.inAll) {
      seen.count += 1;
      this.#all += 1;
      return true;
    }
    seen.leftOut += 1;
    // Otherwise a burst that ends would never be told.
    const restMs = this.#endsMs - monoMs;
    this.#cancel ??= this.#clock.after(restMs, () => this.#tellLeftOut());
    return false;
  }

  close(): void {
    this.#tellLeftOut();
  }

  #tellLeftOut(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#all = 0;
    const seen = [...this.#seen];
    this.#seen.clear();
    const repeated = seen.filter(([, { leftOut }]) => leftOut > 0);
    for (const [line, { leftOut }] of repeated.slice(0, 20)) this.#tell(leftOut, line);
    const rest = repeated.slice(20).reduce((sum, [, { leftOut }]) => sum + leftOut, 0);
    if (rest > 0) this.#tell(rest, others);
  }
}
