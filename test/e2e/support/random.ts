// Chance that can be had again: a run prints its seed, and E2E_SEED takes it.

export interface Chance {
  readonly seed: number;
  /** A number in [0, 1). */
  next(): number;
  /** True once in `n` times. */
  onceIn(n: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
  shuffled<T>(list: readonly T[]): T[];
}

/** mulberry32. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
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
