// The database as it is at one moment, in a file of its own. Of a running terminal by a second connection
// that only reads: in WAL mode no commit waits for it, and the daemon's process has no part in it. Of one
// that does not run, from a copy, which may be salvaged like any damaged database; nothing there is touched.

import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { StorageFault } from '../store/fault.ts';
import { type Lock, lockDirectory, lockFile } from '../store/lock.ts';
import { openAnyhow } from '../store/recover.ts';
import { schema } from '../store/schema.ts';
import { databaseFile } from '../store/store.ts';

/** For a copy that is thrown away. */
const sizes = { pageCapMb: 1, walFrames: 8 } as const;
const busyMs = 5000;

export interface Snapshot {
  /** The terminal's daemon was at work. */
  readonly running: boolean;
  /** Null: there was no database. */
  readonly file: string | null;
}

/**
 * @param dataDir where the database lies.
 * @param scratch an empty directory of ours; the snapshot is in it.
 */
export async function snapshotOf(dataDir: string, scratch: string): Promise<Snapshot> {
  const { default: Sqlite } = await import('better-sqlite3');
  const from = join(dataDir, databaseFile);
  const to = join(scratch, databaseFile);
  const lock = lockOf(() => lockDirectory(Sqlite, dataDir), dataDir);
  try {
    if (!existsSync(from)) return { running: lock === 'held', file: null };
    if (lock === 'held') {
      const db = new Sqlite(from, { readonly: true, fileMustExist: true, timeout: busyMs });
      writeTo(db, to);
      return { running: true, file: to };
    }
    const copy = join(scratch, 'copy');
    mkdirSync(copy);
    for (const end of ['', '-wal'])
      if (existsSync(from + end)) copyFileSync(from + end, join(copy, databaseFile + end));
    const { opened } = openAnyhow(Sqlite, { file: join(copy, databaseFile), sizes, schema });
    opened.db.prepare('vacuum into ?').run(to);
    opened.close();
    rmSync(copy, { recursive: true });
    return { running: false, file: to };
  } finally {
    if (lock !== 'held') lock?.close();
  }
}

function writeTo(db: Database, file: string): void {
  try {
    // What is written here is read back at once; only the backup itself has to be on disk.
    db.pragma('synchronous = OFF');
    db.prepare('vacuum into ?').run(file);
  } finally {
    db.close();
  }
}

/** Null where there is nothing to lock. A daemon that hangs in the kernel is one that runs. */
function lockOf(take: () => Lock | null, dataDir: string): Lock | 'held' | null {
  if (!existsSync(join(dataDir, lockFile))) return null;
  try {
    return take();
  } catch (error) {
    if (error instanceof StorageFault) return 'held';
    throw error;
  }
}
