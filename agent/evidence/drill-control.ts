// What control.sock answers of drills: the score of the last one, from the chain.

import type { DrillScore } from '../core/drill.ts';
import type { Fact } from '../core/fact.ts';
import type { Archive } from './exporter.ts';
import type { ReportTerminal } from './report-model.ts';

export interface DrillDesk {
  readonly archive: Pick<Archive, 'records'>;
  readonly terminal: ReportTerminal;
}

/** Of a page of records, and how far back a drill is looked for: months of a busy terminal. */
const look = { rows: 200, pagesMax: 50 } as const;

export interface LastDrill {
  readonly terminal: ReportTerminal;
  /** Null: none is among the records that are still whole. */
  readonly score: DrillScore | null;
}

/** Null: the terminal is not armed. */
export function drillVerbs(desk: DrillDesk | null) {
  return { 'drill.last': async (): Promise<LastDrill | null> => (desk ? await last(desk) : null) };
}

async function last({ archive, terminal }: DrillDesk): Promise<LastDrill> {
  let before: number | null = null;
  for (let page = 0; page < look.pagesMax; page++) {
    const { rows } = await archive.records(before, look.rows);
    const found = rows.find(({ kind, body }) => kind === 'drill.scored' && body !== null);
    if (found) return { terminal, score: scoreIn(found.body ?? '') };
    before = rows.at(-1)?.seq ?? null;
    if (before === null) break;
  }
  return { terminal, score: null };
}

/** Ours: nobody else writes records. */
function scoreIn(body: string): DrillScore | null {
  const { fact }: { readonly fact: Fact } = JSON.parse(body);
  if (fact.kind !== 'drill.scored') return null;
  const { kind: _, ...score } = fact;
  return score;
}
