// Opens a sound database file so that a commit means "on disk": made whole before it has its name, grown
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
/** No release will come to this; a torn header may say anything. */
const versionMax = 10_000;
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
  /** False: it was made just now, and the disk had no room for its full size. */
  readonly reserved: boolean;
  close(): void;
}

/** Throws a `Refusal` (database of a later release) or a `StorageFault`. */
export function openDatabase(Sqlite: typeof DatabaseType, options: OpenOptions): Opened {
  const { file, sizes, schema } = options;
  const isNew = !existsSync(file);
  let reserved = true;
  if (isNew) reserved = create(Sqlite, options);
  else checkHeader(file, schema);
  const db = new Sqlite(file, { fileMustExist: true, timeout: 2000 });
  try {
    assertDurable(db);
    checkSound(db, file);
    refuseNewer(file, numberOf(db, 'user_version'), schema);
    migrate(db, schema);
    capPages(db, sizes);
    // Without room to spare a warm WAL would take what the rows need.
    if (isNew && reserved) reserved = warmWal(db, sizes);
  } catch (error) {
    db.close();
    throw error;
  }
  const keeper = new Sqlite(file, { readonly: true, fileMustExist: true });
  keeper.pragma('user_version');
  return {
    db,
    reserved,
    close() {
      db.close();
      keeper.close();
    },
  };
}

/** Whole and on disk before it has its name. A crash in here leaves a file under another name, removed
 * by the next try. */
function create(Sqlite: typeof DatabaseType, options: OpenOptions): boolean {
  const { file } = options;
  if (existsSync(`${file}-wal`))
    throw new StorageFault('corrupt', `${file} is gone but its -wal is there`);
  const fresh = `${file}.new`;
  const reserved = build(Sqlite, fresh, options, () => undefined);
  renameSync(fresh, file);
  syncDir(dirname(file));
  return reserved;
}

/** Makes a database, has `fill` put in what it has, and syncs it. False where the disk has no room for
 * its full size: then it is as small as its rows, and a disk that fills up later can stop it. */
export function build(
  Sqlite: typeof DatabaseType,
  path: string,
  { sizes, schema }: Omit<OpenOptions, 'file'>,
  fill: (db: Database) => void,
): boolean {
  const pages = Math.ceil(sizes.pageCapMb * pagesPerMb);
  for (const reserve of [pages, 0]) {
    rmSync(path, { force: true });
    const db = new Sqlite(path);
    try {
      db.pragma('auto_vacuum = 0');
      db.pragma('journal_mode = OFF');
      db.pragma('synchronous = OFF');
      fillPages(db, reserve);
      migrate(db, schema);
      fill(db);
      db.close();
      syncFile(path);
      return reserve > 0;
    } catch (error) {
      db.close();
      rmSync(path, { force: true });
      if (reserve === 0 || !isFull(error)) throw error;
    }
  }
  return false;
}

/** Gives a database that was copied without its free pages the size it is to have. Same answer as `build`. */
export function grow(Sqlite: typeof DatabaseType, path: string, { pageCapMb }: Sizes): boolean {
  const db = new Sqlite(path, { fileMustExist: true });
  try {
    db.pragma('journal_mode = DELETE');
    fillPages(db, Math.ceil(pageCapMb * pagesPerMb));
    return true;
  } catch (error) {
    if (!isFull(error)) throw error;
    return false;
  } finally {
    db.close();
    syncFile(path);
  }
}

/** SQLite's own word, or that of a file system that counts blocks late. */
export const isFull = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  /^(SQLITE_FULL|SQLITE_IOERR_WRITE|ENOSPC|EDQUOT)$/.test(String(error.code));

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
  const version = header.readUInt32BE(60);
  const ours =
    length === 100 &&
    header.toString('latin1', 0, 16) === 'SQLite format 3\0' &&
    header.readUInt32BE(68) === applicationId &&
    version <= versionMax;
  if (!ours) throw new StorageFault('corrupt', `${file} is not a database of this program`);
  refuseNewer(file, version, schema);
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
 * again and again, since the database itself has room for few of them. False where the disk is full. */
function warmWal(db: Database, { walFrames }: Sizes): boolean {
  db.pragma('wal_autocheckpoint = 0');
  let room = true;
  try {
    db.exec('create table warm (filler blob)');
    db.exec('insert into warm values (null)');
    const fill = db.prepare('update warm set filler = randomblob(?)');
    for (let left = walFrames; left > 0; left -= pagesPerMb) {
      fill.run(Math.min(left, pagesPerMb) * overflowBytes);
    }
  } catch (error) {
    if (!isFull(error)) throw error;
    room = false;
  }
  // Where it was full the frames are needed again for what follows.
  if (!room) db.pragma('wal_checkpoint(RESTART)');
  db.exec('drop table if exists warm');
  db.pragma('wal_checkpoint(RESTART)');
  db.pragma(`wal_autocheckpoint = ${autocheckpointPages}`);
  return room;
}

function syncFile(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
