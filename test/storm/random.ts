// The storm's dice. The generator is the one of the kill rounds; a seed gives the same story for ever.

import { type Chance, chanceOf } from '#test/e2e/support/random.ts';

export interface Dice extends Chance {
  /** A whole number, both ends included. */
  between(from: number, to: number): number;
  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: { readonly [key in K]: number }): K;
}

export function diceOf(seed: number): Dice {
  const chance = chanceOf(seed);
  const { next } = chance;
  return {
    ...chance,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    weighted<K extends string>(weights: { readonly [key in K]: number }): K {
      const keys = keysOf(weights);
      const sum = keys.reduce((all, key) => all + weights[key], 0);
      let left = next() * sum;
      for (const key of keys) {
        left -= weights[key];
        if (left < 0) return key;
      }
      return chance.pick(keys);
    },
  };
}

function keysOf<K extends string>(weights: { readonly [key in K]: number }): [K, ...K[]] {
  // Checked: an object of weights has its own keys and no others.
  return Object.keys(weights) as [K, ...K[]];
}
