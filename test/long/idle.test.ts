// Ten minutes of a terminal at rest: ten transactions or fewer.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { idleTransactions, watchedHouse } from '#test/e2e/support/idle.ts';

let watched: Awaited<ReturnType<typeof watchedHouse>>;

beforeAll(async () => {
  watched = await watchedHouse();
});
afterAll(async () => {
  await watched.house.close();
  await watched.systemd.close();
});

test('ten transactions or fewer in ten minutes', async () => {
  const count = await idleTransactions(watched.house, 600_000);
  expect(watched.systemd.feeds().length).toBeGreaterThanOrEqual(60);
  console.log(`idle: ${count} transactions in 600 s`);
  expect(count).toBeLessThanOrEqual(10);
});
