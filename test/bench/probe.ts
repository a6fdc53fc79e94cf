// How many of the domes of so many seeds get a profile that is right in everything, judged in the simulator's
// own state, by a probe with somebody before the dome.

import { probeSeeds } from '#test/dome/probe-seeds.ts';
import type { Figures } from './stats.ts';

export async function measureProbe(seeds: number): Promise<Figures> {
  const { right, wrong } = await probeSeeds(seeds);
  for (const sentence of wrong) console.error(`bench: ${sentence}`);
  return { probe_seeds: seeds, probe_seeds_right: right };
}
