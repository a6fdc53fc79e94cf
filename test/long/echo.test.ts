// The echo of the gate room is gone where it should be, in the simulated room. A run in which the machine
// stalled says nothing about the canceller, so it is taken again, a few times at most.

import { expect, test } from 'vitest';
import { type EchoPlan, measureEcho } from '#test/sound/echo.ts';

const triesMax = 4;
const minutes = 60_000;

async function calm(plan: EchoPlan, ppm = 0) {
  let figures = await measureEcho(plan, ppm);
  for (let n = 1; n < triesMax && figures.stalls > 0; n++) figures = await measureEcho(plan, ppm);
  return figures;
}

test(
  'after 5 s and in a moved room, with a near voice',
  async () => {
    const figures = await calm({ aloneS: 15, bothS: 20, movedS: 10 });
    expect(figures.returnLossDb, JSON.stringify(figures)).toBeGreaterThanOrEqual(30);
    expect(figures.movedReturnLossDb, JSON.stringify(figures)).toBeGreaterThanOrEqual(20);
    expect(figures.nearLossDb, JSON.stringify(figures)).toBeLessThanOrEqual(9);
  },
  5 * minutes,
);

test(
  'with 200 ppm between the cards',
  async () => {
    const figures = await calm({ aloneS: 60, bothS: 0, movedS: 0 }, 200);
    expect(figures.returnLossDb, JSON.stringify(figures)).toBeGreaterThanOrEqual(30);
  },
  6 * minutes,
);
