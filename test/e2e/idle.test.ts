// An idle terminal writes next to nothing. Ten minutes of it are in test/long.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { idleTransactions, watchedHouse } from './support/idle.ts';

let watched: Awaited<ReturnType<typeof watchedHouse>>;

beforeAll(async () => {
  watched = await watchedHouse();
});
afterAll(async () => {
  await watched.house.close();
  await watched.systemd.close();
});

test('no more than one transaction in twenty seconds', async () => {
  const count = await idleTransactions(watched.house, 20_000);
  expect(watched.systemd.feeds().length).toBeGreaterThanOrEqual(2);
  console.log(`idle: ${count} transactions in 20 s`);
  // The watchdog's probe falls due every two minutes.
  expect(count).toBeLessThanOrEqual(1);
});
