// As test/e2e/dome.test.ts, with a daemon that was dead for a minute: longer than the session that the
// broker keeps for it, so that nothing but the platform's repeating brings the resolve through.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { House } from '#test/e2e/support/house.ts';
import { resolvedMeanwhile } from '#test/e2e/support/resolved-meanwhile.ts';

let house: House;

beforeAll(async () => {
  house = await House.open({ buttons: 1 });
});
afterAll(() => house.close());

test('a daemon that was dead for 60 s while its alarm was resolved puts the light out', async () => {
  const offMs = await resolvedMeanwhile(house, 60_000);
  console.log(`dome: off ${offMs} ms after the start`);
  expect(offMs).toBeLessThan(5_000);
});
