// Ten thousand stories in which everything breaks, some of them twice as long as usual.

import { describe, expect, it } from 'vitest';
import { stormOf } from '#test/storm/report.ts';

const perTest = 500;
const starts = Array.from({ length: 18 }, (_, n) => 1_001 + n * perTest);
const longStarts = Array.from({ length: 2 }, (_, n) => 20_001 + n * perTest);

describe('ten thousand storms', () => {
  it.each(starts)('stories from seed %i', async (first) => {
    const report = await stormOf(first, perTest);
    expect(report, report ?? '').toBeNull();
  });

  it.each(longStarts)('long stories from seed %i', async (first) => {
    const report = await stormOf(first, perTest, { actionsMin: 60, actionsMax: 120 });
    expect(report, report ?? '').toBeNull();
  });
});
