// Chance from a number: the same number, the same story.

export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
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
