// Two hundred domes from seeds are probed by somebody who stands before each, and every profile is judged in
// the simulator's own state. A lean ten of them: test/dome/probe.test.ts.

import { expect, test } from 'vitest';
import { probeSeeds } from '#test/dome/probe-seeds.ts';

test('the profile of each of 200 domes is right', { timeout: 1_800_000 }, async () => {
  const { wrong, right } = await probeSeeds(200);
  expect(wrong).toEqual([]);
  expect(right).toBe(200);
});
