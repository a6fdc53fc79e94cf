// Pages of a closed database, and how they break.

import { readFileSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';

const pageBytes = 4096;

/** Everything in the database file, and no WAL. */
export function checkpoint(file: string): void {
  const db = new Sqlite(file, { fileMustExist: true });
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

/** The root page of a table or index, and its leaves, from 1. */
export function pagesOf(file: string, name: string): number[] {
  const db = new Sqlite(file, { fileMustExist: true });
  try {
    const root = db.prepare('select rootpage from sqlite_master where name = ?').pluck().get(name);
    return [Number(root), ...leaves(file, Number(root))];
  } finally {
    db.close();
  }
}

/** Children of an interior page, in order. */
function leaves(file: string, root: number): number[] {
  const bytes = readFileSync(file).subarray((root - 1) * pageBytes, root * pageBytes);
  const interior = bytes[0] === 5 || bytes[0] === 2;
  if (!interior) return [];
  const cells = Array.from({ length: bytes.readUInt16BE(3) }, (_, n) =>
    bytes.readUInt16BE(12 + 2 * n),
  );
  return [...cells.map((at) => bytes.readUInt32BE(at)), bytes.readUInt32BE(8)];
}

/** Garbage in a page. */
export function tear(file: string, page: number): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, (page - 1) * pageBytes, page * pageBytes);
  writeFileSync(file, bytes);
}
