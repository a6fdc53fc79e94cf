// Ten minutes of a terminal at rest: ten transactions or fewer.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { House } from '#test/e2e/support/house.ts';
import { idleTransactions } from '#test/e2e/support/idle.ts';

let house: House;

beforeAll(async () => {
  house = await House.open({ buttons: 2 });
});
afterAll(() => house.close());

test('ten transactions or fewer in ten minutes', async () => {
  const count = await idleTransactions(house, 600_000);
  console.log(`idle: ${count} transactions in 600 s`);
  expect(count).toBeLessThanOrEqual(10);
});
