// A part of several measurements: one that fails says why, and costs the others nothing.

import type { Figures } from './stats.ts';

/** Some of a part could not be measured; `figures` is what could. */
export class Partly extends Error {
  readonly figures: Figures;

  constructor(figures: Figures, whys: readonly string[]) {
    super(whys.join('; '));
    this.figures = figures;
  }
}

/** One after the other. Throws `Partly` in the end where any has failed. */
export async function inSteps(steps: {
  readonly [name: string]: () => Promise<Figures>;
}): Promise<Figures> {
  const whys: string[] = [];
  let figures: Figures = {};
  for (const [name, measure] of Object.entries(steps)) {
    const fromMs = performance.now();
    try {
      figures = { ...figures, ...(await measure()) };
      console.error(`bench:   ${name}: ${Math.round((performance.now() - fromMs) / 1000)} s`);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      console.error(`bench:   ${name} failed:`, error);
      whys.push(`${name}: ${error.message}`);
    }
  }
  if (whys.length > 0) throw new Partly(figures, whys);
  return figures;
}
