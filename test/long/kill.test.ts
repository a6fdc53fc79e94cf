// A thousand SIGKILLs of the agent around presses, and some hundred of the broker, in houses of 100.
// KILLS takes another number, E2E_SEED the seed of the first house; the next has the next one.

import { afterAll, describe, expect, test } from 'vitest';
import { type KillTally, killRun, toldTally } from '#test/e2e/support/kill-run.ts';
import { seedOfRun } from '#test/e2e/support/random.ts';

const perHouse = 100;
const houses = Math.ceil(Number(process.env.KILLS ?? 1_000) / perHouse);
const first = seedOfRun();
const seeds = Array.from({ length: houses }, (_, n) => (first + n) % 2 ** 32);

describe(`${houses * perHouse} kills`, () => {
  const tallies: KillTally[] = [];

  test.each(seeds)(`${perHouse} of them, seed %i`, async (seed) => {
    const tally = await killRun(perHouse, seed);
    tallies.push(tally);
    expect(tally.brokerKills).toBeGreaterThan(0);
  });

  afterAll(() => console.log(tallies.length > 0 ? toldTally(tallies) : 'kill: no house was whole'));
});
