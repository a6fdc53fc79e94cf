// Root's updater, killed at every third line of its trace; by turns with and without a start of the machine
// afterwards. Some four minutes.

import { expect, it } from 'vitest';
import { linesOfUpdate, survivesKill } from '#test/update/kills.ts';

it('wherever it is killed, a complete version is there, and the new one in the end', async () => {
  const lines = await linesOfUpdate();
  expect(lines).toBeGreaterThan(100);
  for (let line = 1; line <= lines; line += 3) await survivesKill(line, line % 2 === 0);
});
