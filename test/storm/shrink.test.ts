// A failing story becomes the shortest one that fails, and a seed is a story for ever.

import { describe, expect, it } from 'vitest';
import { told } from './action.ts';
import { storyOf } from './generate.ts';
import { shrink } from './shrink.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('shrinking', () => {
  it.each([
    ['one of many', [7]],
    ['two far apart', [3, 91]],
    ['neighbours and a loner', [40, 41, 99]],
    ['all of it', numbers(100)],
  ])('%s', async (_, needed) => {
    const fails = async (list: readonly number[]) => needed.every((one) => list.includes(one));
    expect(await shrink(numbers(100), fails)).toEqual(needed);
  });

  it('asks no more than it may', async () => {
    let asked = 0;
    const never = async () => {
      asked += 1;
      return false;
    };
    await shrink(numbers(1000), never, 50);
    expect(asked).toBe(50);
  });
});

describe('a story', () => {
  it('is the same for the same seed, in every word', () => {
    const words = (seed: number) => {
      const { buttons, actions } = storyOf(seed);
      return actions.map((action) => told(action, buttons));
    };
    expect(words(4711)).toEqual(words(4711));
    expect(words(4711)).not.toEqual(words(4712));
  });
});
