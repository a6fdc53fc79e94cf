// Where a database goes that cannot be opened: beside its place, with -wal and -shm, kept for whoever
// looks into it later. Numbered, since the clock may say 1970; the newest `keptMax` are kept.

import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncDir } from './evidence-key.ts';

/** Each may be as large as the page cap. */
export const keptMax = 2;
const companions = ['', '-wal', '-shm'] as const;

/** Moves the database aside. Returns the new name of its file. */
export function moveAside(file: string): string {
  const dir = dirname(file);
  const numbers = brokenNumbers(file);
  const number = (numbers.at(-1) ?? 0) + 1;
  const target = nameOf(file, number);
  for (const end of companions) {
    if (existsSync(file + end)) renameSync(file + end, target + end);
  }
  syncDir(dir);
  const gone = [...numbers, number].slice(0, -keptMax);
  for (const old of gone) remove(nameOf(file, old));
  return target;
}

/** Databases moved aside so far, oldest first. */
export const brokenFiles = (file: string): string[] =>
  brokenNumbers(file).map((number) => nameOf(file, number));

/** A database and what lies beside it. */
export function remove(file: string): void {
  for (const end of companions) rmSync(file + end, { recursive: true, force: true });
}

const nameOf = (file: string, number: number): string => `${file}.broken-${number}`;

function brokenNumbers(file: string): number[] {
  const prefix = `${basename(file)}.broken-`;
  const names = readdirSync(dirname(file)).filter((name) => name.startsWith(prefix));
  const numbers = names.map((name) => /^(\d+)(-wal|-shm)?$/.exec(name.slice(prefix.length))?.[1]);
  return [...new Set(numbers.filter((n) => n !== undefined).map(Number))].sort((a, b) => a - b);
}

/** Whether there is anything to move, a WAL without its database included. */
export const exists = (file: string): boolean =>
  companions.some((end) => existsSync(join(file + end)));
