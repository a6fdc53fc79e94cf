// Five hundred stories in which everything breaks. STORM_SEED plays one of them alone.

import { describe, expect, it } from 'vitest';
import { stormOf } from './report.ts';

const one = process.env.STORM_SEED;
const perTest = 50;
const starts = one ? [Number(one)] : Array.from({ length: 10 }, (_, n) => 1 + n * perTest);

describe('whatever breaks, the alarm gets out', () => {
  it.each(starts)('stories from seed %i', async (first) => {
    const report = await stormOf(first, one ? 1 : perTest);
    expect(report, report ?? '').toBeNull();
  });
});
