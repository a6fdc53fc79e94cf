// SIGKILL at 50 moments around presses: 30 random, 20 at fault points. A thousand in test/long.

import { test } from 'vitest';
import { killRun, toldTally } from './support/kill-run.ts';
import { seedOfRun } from './support/random.ts';

const kills = 50;
const seed = seedOfRun();

test(`${kills} kills, seed ${seed}`, { timeout: 280_000 }, async () => {
  console.log(`kill: seed ${seed}; E2E_SEED=${seed} runs the same again`);
  console.log(toldTally([await killRun(kills, seed)]));
});
