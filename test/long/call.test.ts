// A call of 40 minutes: the canceller as it is and the queues of the talk process on either side of it, on
// clocks that are numbers, all three of them apart.

import { expect, test } from 'vitest';
import { longCall } from '#test/sound/long-call.ts';

const minutes = 40;
const driftMsMax = 50;
const hour = 3_600_000;
/** How far apart the values of a call are, its first minute of buffers that find their size left out. */
const spread = ([_, ...values]: readonly number[]): number =>
  Math.max(...values) - Math.min(...values);
const rounded = (values: readonly number[]) => values.map((one) => Math.round(one * 10) / 10);

test.each([
  { speaker: -200, microphone: 200, caller: 200 },
  { speaker: 200, microphone: -200, caller: -200 },
])(
  '40 virtual minutes, ppm %o',
  (ppm) => {
    const { thereMs, backMs, rssMb, ...figures } = longCall({ minutes, ppm });
    const ends = (values: readonly number[]) => rounded([values[1] ?? 0, values.at(-1) ?? 0]);
    console.log(
      `call: to the gate room ${ends(thereMs)} ms, back ${ends(backMs)} ms, memory ${ends(rssMb)} MB`,
      JSON.stringify(figures),
    );
    expect(spread(thereMs)).toBeLessThan(driftMsMax);
    expect(spread(backMs)).toBeLessThan(driftMsMax);
    expect(spread(rssMb)).toBeLessThan(1);
    expect(figures.worstMs).toBeLessThan(150);
    expect(figures.lost).toBe(0);
    expect(figures.queuedMax).toBeLessThanOrEqual(6);
    expect(figures.slips).toBe(0);
  },
  hour,
);
