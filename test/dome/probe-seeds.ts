// Probes the domes of many seeds, one after another, and counts those whose profile is right in everything:
// `node test/dome/probe-seeds.ts [COUNT [FROM]]`. For test/long, the benchmark, and by hand.

import { probeSeed } from './probe-support.ts';

export interface SeedsProbed {
  readonly seeds: number;
  readonly right: number;
  /** Of each seed that is not. */
  readonly wrong: readonly string[];
}

export async function probeSeeds(count: number, from = 1): Promise<SeedsProbed> {
  const wrong: string[] = [];
  let right = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const found = await wrongWith(seed);
    if (found.length === 0) right += 1;
    else wrong.push(`seed ${seed}: ${found.join('; ')}`);
  }
  return { seeds: count, right, wrong };
}

/** A probe that fails is a wrong one. */
async function wrongWith(seed: number): Promise<string[]> {
  try {
    return await probeSeed(seed);
  } catch (error) {
    return [error instanceof Error ? `${error.name}: ${error.message}` : String(error)];
  }
}

if (import.meta.main) {
  const [count = '200', from = '1'] = process.argv.slice(2);
  const { seeds, right, wrong } = await probeSeeds(Number(count), Number(from));
  console.log(`${right} of ${seeds} right`);
  for (const sentence of wrong) console.log(sentence);
}
