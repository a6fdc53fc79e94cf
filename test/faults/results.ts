// test/bench/faults.json: what each row saw when it was last played, with date and commit. The README's
// table is written from it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { tookPlace } from '#test/bench/results.ts';
import type { Fault, Outcome } from './fault.ts';
import { markdown } from './table.ts';

const resultsFile = join(import.meta.dirname, '../bench/faults.json');
const readmeFile = join(import.meta.dirname, '../../README.md');
const marks = /(<!-- faults: written by scripts\/faults -->\n)[\s\S]*?(<!-- end of faults -->)/;

const ms = z.number().nullable();
const words = z.array(z.string()).readonly();
const count = z.number();
const kept = z.object({
  ...{ fault: z.string(), what: z.string(), guard: words, told: words, wrong: words },
  ...{ alarms: count, presses: count, lost: count, doubled: count },
  ...{ alarm_ms: ms, after_ms: ms, strobe_ms: ms },
  ...{ date: z.string(), commit: z.string() },
});
export type Kept = z.infer<typeof kept>;

/** Replaces the rows that were played, drops those that are no longer in the list, and renders. */
export function keep(outcomes: readonly Outcome[], list: readonly Fault[]): void {
  const { date, commit } = tookPlace('faults');
  const stamp = { date: String(date), commit: String(commit) };
  const fresh = outcomes.map((outcome): Kept => ({ ...outcome, ...stamp }));
  const known = new Map([...readKept(), ...fresh].map((row) => [row.fault, row]));
  const rows = list.flatMap(({ name }) => known.get(name) ?? []);
  writeFileSync(resultsFile, `${JSON.stringify(rows, null, 2)}\n`);
  const readme = readFileSync(readmeFile, 'utf8');
  const table = markdown(rows);
  writeFileSync(
    readmeFile,
    readme.replace(marks, (_, begin, end) => `${begin}${table}\n${end}`),
  );
}

function readKept(): Kept[] {
  if (!existsSync(resultsFile)) return [];
  return z.array(kept).parse(JSON.parse(readFileSync(resultsFile, 'utf8')));
}
