// The echo of the gate room is gone where it should be: computed, so that a busy machine changes nothing.
// The same in real time, between virtual cards, is in test/long.

import { expect, test } from 'vitest';
import { replayEcho } from './replay.ts';

const limitMs = 120_000;

test(
  'after 5 s and in a moved room, with a near voice',
  () => {
    const figures = replayEcho({ aloneS: 12, bothS: 20, movedS: 6 });
    expect(figures.returnLossDb).toBeGreaterThanOrEqual(30);
    expect(figures.movedReturnLossDb).toBeGreaterThanOrEqual(20);
    expect(figures.nearLossDb).toBeLessThanOrEqual(9);
  },
  limitMs,
);

test.each([-200, 50, 200])(
  'with %i ppm between the cards',
  (ppm) => {
    const figures = replayEcho({ aloneS: 20, bothS: 0, movedS: 0 }, ppm);
    expect(figures.returnLossDb).toBeGreaterThanOrEqual(30);
    expect(figures.returnLossWorstDb).toBeGreaterThanOrEqual(25);
  },
  limitMs,
);
