// What the configuration uses, and what the running drivers know of it: never opened a second time.

import type { Contact } from '../core/fact.ts';
import type { LineFigures } from '../gpio/input-line.ts';
import type { Place, SeenLine } from '../gpio/kernel.ts';

export interface UsedLine extends LineFigures {
  readonly id: string;
}

export interface UsedPort {
  readonly id: string;
  readonly path: string;
  /** By id of the input. */
  contacts(): ReadonlyMap<string, Contact>;
}

export interface Uses {
  lines(): readonly UsedLine[];
  readonly ports: readonly UsedPort[];
}

/** Of a terminal that is not armed. */
export const noUses: Uses = { lines: () => [], ports: [] };

/** Whether a place of the configuration may be this line: where several lines have the name, each. */
export const isMeant = ({ line, chip, offset }: Place, seen: SeenLine): boolean =>
  (chip === null || chip === seen.chip || chip === seen.label) &&
  (line === null ? offset === seen.offset : line === seen.name);
