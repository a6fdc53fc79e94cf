// Is a case open, as the alarm journal has it? For whoever must know before the database is opened.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isClosed } from './holdings.ts';
import { journalFile, newestOf } from './journal.ts';

/** True where at least one case is open, and the platform has every one that is. */
export function isMidCase(dir: string): boolean {
  const entities = newestOf(readOrNull(join(dir, journalFile)))?.snapshot.entities ?? [];
  const open = entities.filter(([table, , body]) => table === 'incidents' && !isClosed(body ?? ''));
  return open.length > 0 && open.every(([, , body]) => isDelivered(body ?? ''));
}

function isDelivered(body: string): boolean {
  try {
    const row: unknown = JSON.parse(body);
    const has = (key: string) =>
      typeof row === 'object' &&
      row !== null &&
      Boolean(Object.entries(row).find(([k, v]) => k === key && v));
    return ['received', 'seen', 'taken'].some(has);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function readOrNull(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
