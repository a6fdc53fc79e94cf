// Choices of a seed: the same number, the same dome.

import { seeded } from '../chance.ts';

export class Chance {
  /** In [0, 1). */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seeded(seed);
  }

  /** True so often. */
  is(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number below. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  of<const A extends readonly [unknown, ...unknown[]]>(all: A): A[number] {
    return all[this.below(all.length)] ?? all[0];
  }

  shuffled<T>(all: readonly T[]): T[] {
    const mixed = all.map((one) => [this.next(), one] as const);
    return mixed.sort(([a], [b]) => a - b).map(([, one]) => one);
  }
}
