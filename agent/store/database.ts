// Opens the database file so that a commit means "on disk": made whole before it has its name, grown
// and its WAL warmed before it is needed, durability asserted at every open.
// The WAL is never truncated: commits overwrite blocks that the file system knows already.

import assert from 'node:assert/strict';
import { closeSync, existsSync, fsyncSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type DatabaseType from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { syncDir } from './evidence-key.ts';
import { StorageFault } from './fault.ts';
import type { Sizes } from './protocol.ts';
import {
  applicationId,
  checkSound,
  migrate,
  numberOf,
  refuseNewer,
  type Schema,
} from './schema.ts';

const pageBytes = 4096;
const pagesPerMb = (1024 * 1024) / pageBytes;
/** What a page of a long blob holds. */
const overflowBytes = pageBytes - 4;
/** Left out when filling: a blob takes a page or two beside its own. */
const sparePages = 4;
const autocheckpointPages = 1000;
/** The daemon's memory is bounded; what is hot fits in far less. */
const cacheKib = 4096;

export interface OpenOptions {
  readonly file: string;
  readonly sizes: Sizes;
  readonly schema: Schema;
}

/** The writer, and a reader that is closed after it: SQLite deletes the WAL when its last writing
 * connection closes, and a cold WAL makes every commit half as dear again. */
export interface Opened {
  readonly db: Database;
  close(): void;
}

/** Throws a `Refusal` (database of a later release) or a `StorageFault`. */
export function openDatabase(Sqlite: typeof DatabaseType, options: OpenOptions): Opened {
  const { file, sizes, schema } = options;
  const isNew = !existsSync(file);
  if (isNew) create(Sqlite, options);
  else checkHeader(file, schema);
  const db = new Sqlite(file, { fileMustExist: true, timeout: 2000 });
  try {
    assertDurable(db);
    checkSound(db, file);
    refuseNewer(file, numberOf(db, 'user_version'), schema);
    migrate(db, schema);
    capPages(db, sizes);
    if (isNew) warmWal(db, sizes);
  } catch (error) {
    db.close();
    throw error;
  }
  const keeper = new Sqlite(file, { readonly: true, fileMustExist: true });
  keeper.pragma('user_version');
  return {
    db,
    close() {
      db.close();
      keeper.close();
    },
  };
}

/** A crash in here leaves a file under another name, removed by the next try. */
function create(Sqlite: typeof DatabaseType, { file, sizes, schema }: OpenOptions): void {
  if (existsSync(`${file}-wal`))
    throw new StorageFault(
      'corrupt',
      `${file} is gone but its -wal is there: restore the database`,
    );
  const fresh = `${file}.new`;
  rmSync(fresh, { force: true });
  const db = new Sqlite(fresh);
  db.pragma('auto_vacuum = 0');
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  fillPages(db, Math.ceil(sizes.pageCapMb * pagesPerMb));
  migrate(db, schema);
  db.close();
  syncFile(fresh);
  renameSync(fresh, file);
  syncDir(dirname(file));
}

/** Writes the file to its full size; the pages are free again afterwards and stay in the file. */
function fillPages(db: Database, pages: number): void {
  db.exec('create table room (filler blob)');
  const fill = db.prepare('insert into room values (zeroblob(?))');
  const leftPages = () => pages - numberOf(db, 'page_count') - sparePages;
  for (let left = leftPages(); left > 0; left = leftPages()) {
    fill.run(Math.min(left, pagesPerMb) * overflowBytes);
  }
  db.exec('drop table room');
}

/** Read with no help from SQLite, so that a file which is none of ours is not touched at all. */
function checkHeader(file: string, schema: Schema): void {
  const header = Buffer.alloc(100);
  const fd = openSync(file, 'r');
  let length: number;
  try {
    length = readSync(fd, header, 0, 100, 0);
  } finally {
    closeSync(fd);
  }
  const ours = length === 100 && header.readUInt32BE(68) === applicationId;
  if (!ours) throw new StorageFault('corrupt', `${file} is not a database of this program`);
  refuseNewer(file, header.readUInt32BE(60), schema);
}

/** better-sqlite3 opens a WAL database at synchronous=NORMAL unless told otherwise. */
export function assertDurable(db: Database): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma(`wal_autocheckpoint = ${autocheckpointPages}`);
  db.pragma(`cache_size = -${cacheKib}`);
  assert.equal(db.pragma('journal_mode', { simple: true }), 'wal');
  assert.equal(numberOf(db, 'synchronous'), 2, 'synchronous=FULL');
  assert.equal(numberOf(db, 'wal_autocheckpoint'), autocheckpointPages);
  assert.equal(numberOf(db, 'auto_vacuum'), 0, 'auto_vacuum=0');
}

function capPages(db: Database, { pageCapMb }: Sizes): void {
  const pages = Math.max(numberOf(db, 'page_count'), Math.ceil(pageCapMb * pagesPerMb));
  db.pragma(`max_page_count = ${pages}`);
  assert.equal(numberOf(db, 'max_page_count'), pages);
}

/** Fills the WAL once and starts it over; what was written stays allocated. Writes the same pages
 * again and again, since the database itself has room for few of them. */
function warmWal(db: Database, { walFrames }: Sizes): void {
  db.pragma('wal_autocheckpoint = 0');
  db.exec('create table warm (filler blob)');
  db.exec('insert into warm values (null)');
  const fill = db.prepare('update warm set filler = randomblob(?)');
  for (let left = walFrames; left > 0; left -= pagesPerMb) {
    fill.run(Math.min(left, pagesPerMb) * overflowBytes);
  }
  db.exec('drop table warm');
  db.pragma('wal_checkpoint(RESTART)');
  db.pragma(`wal_autocheckpoint = ${autocheckpointPages}`);
}

function syncFile(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
