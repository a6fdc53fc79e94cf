// Chance that can be had again: a run prints its seed, and E2E_SEED takes it.

import { seeded } from '#agent/sim/chance.ts';

export interface Chance {
  readonly seed: number;
  /** A number in [0, 1). */
  next(): number;
  /** True once in `n` times. */
  onceIn(n: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
  shuffled<T>(list: readonly T[]): T[];
}

export function chanceOf(seed: number): Chance {
  const next = seeded(seed);
  return {
    seed,
    next,
    onceIn: (n) => next() * n < 1,
    pick: (from) => from[Math.floor(next() * from.length)] ?? from[0],
    shuffled: (list) =>
      list
        .map((value) => ({ value, key: next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ value }) => value),
  };
}

/** The seed to run with: that of E2E_SEED, or a new one. */
export const seedOfRun = (): number =>
  Number(process.env.E2E_SEED ?? Math.floor(Math.random() * 2 ** 32));
