// An idle terminal writes next to nothing. Ten minutes of it are in test/long.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { House } from './support/house.ts';
import { idleTransactions } from './support/idle.ts';

let house: House;

beforeAll(async () => {
  house = await House.open({ buttons: 2 });
});
afterAll(() => house.close());

test('no more than one transaction in a minute', async () => {
  const count = await idleTransactions(house, 60_000);
  console.log(`idle: ${count} transactions in 60 s`);
  // The watchdog's probe falls due every two minutes.
  expect(count).toBeLessThanOrEqual(1);
});
