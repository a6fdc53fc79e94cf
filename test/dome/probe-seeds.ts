// Probes the domes of many seeds, a few at a time, and counts those whose profile is right in everything:
// `node test/dome/probe-seeds.ts [COUNT [FROM]]`. For test/long, the benchmark, and by hand.

import { probeSeed } from './probe-support.ts';

/** They wait more than they compute. */
const atOnce = 4;

export interface SeedsProbed {
  readonly seeds: number;
  readonly right: number;
  /** Of each seed that is not. */
  readonly wrong: readonly string[];
}

export async function probeSeeds(count: number, from = 1): Promise<SeedsProbed> {
  const wrong: string[] = [];
  let right = 0;
  const waiting = Array.from({ length: count }, (_, n) => from + n);
  const worker = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const found = await wrongWith(seed);
      if (found.length === 0) right += 1;
      else wrong.push(`seed ${seed}: ${found.join('; ')}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
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
