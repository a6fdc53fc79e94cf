// A fuzz is a promise about a parser that any input keeps, and the inputs that once broke it. It runs
// for a time, not for a number of tries; FUZZ_SEED and FUZZ_PATH play a reported failure again.

import fc from 'fast-check';

export interface Fuzz {
  readonly name: string;
  run(ms: number): Promise<void>;
}

const { FUZZ_SEED: seed, FUZZ_PATH: path } = process.env;
const again = { ...(seed && { seed: Number(seed) }), ...(path && { path }) };

/**
 * @param holds throws where the promise is broken.
 * @param regressions inputs that once broke it; they are tried first, every time.
 */
export function fuzz<T>(
  name: string,
  input: fc.Arbitrary<T>,
  holds: (input: T) => void | Promise<void>,
  regressions: readonly T[] = [],
): Fuzz {
  const property = fc.asyncProperty(input, async (one) => {
    await holds(one);
  });
  const examples = regressions.map((one): [T] => [one]);
  return {
    name,
    run: (ms) =>
      fc.assert(property, {
        ...{ numRuns: 1_000_000_000, interruptAfterTimeLimit: ms, examples },
        ...again,
      }),
  };
}
