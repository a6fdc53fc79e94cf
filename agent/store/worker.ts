// The thread that owns the SQLite connection. It applies batches in the order they are posted and
// answers each; reads of the outbox come over a channel of their own.
// Signals `gone` on any exit, so that a waiting loop wakes at once.

import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { workerData } from 'node:worker_threads';
import { openTables, type Tables } from './apply.ts';
import type { Opened } from './database.ts';
import { isDamage, reasonOf, StorageFault } from './fault.ts';
import { type Lock, lockDirectory } from './lock.ts';
import {
  cell,
  type PageRequest,
  type PageResult,
  type Pruned,
  type PruneRequest,
  type RecordsRequest,
  type RecordsResult,
  type Request,
  type Result,
  rehearsal,
  type SealedTurn,
  type WorkerStart,
} from './protocol.ts';
import { type Pruner, pruner } from './prune.ts';
import { openAnyhow, type Recovered } from './recover.ts';
import { schema } from './schema.ts';

const start: WorkerStart = workerData;
const { port, pages, cells } = start;

// Registered before anything that can fail.
process.on('exit', () => {
  Atomics.store(cells, cell.gone, 1);
  wake();
});

function wake(): void {
  Atomics.add(cells, cell.signal, 1);
  Atomics.notify(cells, cell.signal);
}

function answer(result: Result): void {
  port.postMessage(result);
  wake();
}

/** Frames after which the WAL is copied back while nobody waits. Well below the automatic
 * checkpoint, which would run inside a commit. */
const checkpointFrames = 400;
/** Alarms told at the start, for the alarm journal; it holds fewer. */
const alarmsTold = 100;
/** Turns between two looks at the WAL. */
const lookEveryTurns = 16;

let lock: Lock | null = null;

async function open(): Promise<Recovered> {
  const { default: Sqlite } = await import('better-sqlite3');
  lock = lockDirectory(Sqlite, dirname(start.file));
  return openAnyhow(Sqlite, { file: start.file, sizes: start.sizes, schema });
}

function refused(error: unknown): void {
  const held = error instanceof StorageFault && error.trouble === 'held';
  answer({ kind: 'refused', reason: reasonOf(error), held });
  port.close();
  pages.close();
}

function serve({ opened, replaced }: Recovered): void {
  const tables = openTables(opened.db);
  const tidyWal = walKeeper(opened);
  // Prepared when it is first needed: nobody is armed sooner for it.
  let prepared: Pruner | null = null;
  const pruning = (): Pruner => {
    prepared ??= pruner(opened.db, start.sizes.pageCapMb * 2 ** 20);
    return prepared;
  };
  port.on('message', (request: Request) => {
    if (request === null) return close(opened);
    // What the disk has to say of it, it says of the turn itself.
    if (request === rehearsal) return void failureOf(tables.rehearse);
    answer(applied(tables, pruning, request));
    tidyWal();
  });
  pages.on('message', (request: PageRequest | RecordsRequest | PruneRequest) => {
    if ('before' in request) return pages.postMessage(recorded(tables, request));
    if ('ask' in request) return pages.postMessage(paged(tables, request));
    pages.postMessage(pruned(pruning(), request));
    tidyWal();
  });
  const { seq, hash } = tables.chain();
  answer({
    kind: 'opened',
    turn: tables.turn,
    chainSeq: seq,
    chainHash: hash,
    outboxRows: tables.outboxRows,
    outboxSeq: tables.outboxSeq(),
    entities: tables.entities(),
    alarms: tables.page('alarm', -1, alarmsTold),
    replaced,
    reserved: opened.reserved,
  });
}

/** A database found damaged at work is opened afresh, which moves it aside and salvages it. */
function endIfDamaged(error: unknown): void {
  if (isDamage(error)) setImmediate(() => process.exit(1));
}

function applied(tables: Tables, pruning: () => Pruner, request: string): Result {
  const batch: SealedTurn[] = JSON.parse(request);
  let dropped = 0;
  for (;;) {
    const error = failureOf(() => tables.apply(batch));
    if (!error) {
      const { turn, outboxRows } = tables;
      return { kind: 'done', turn, outboxRows, dropped };
    }
    // At the page cap telemetry and events give way to what happens now, then bodies of old records.
    const full = error.code === 'SQLITE_FULL';
    const rows = full ? tables.giveWay() : 0;
    const room = rows || (full ? pruning().giveWay() : 0);
    dropped += rows;
    endIfDamaged(error);
    if (room === 0) return { kind: 'failed', reason: reasonOf(error) };
  }
}

/** SQLite's word on the disk, or on a row it will not take; anything else thrown is a bug. */
function failureOf(run: () => void): SqliteError | null {
  try {
    run();
    return null;
  } catch (error) {
    if (!isSqlite(error)) throw error;
    return error;
  }
}

function paged(tables: Tables, { ask, lane, afterSeq, limit }: PageRequest): PageResult {
  try {
    return { ask, rows: tables.page(lane, afterSeq, limit), error: null };
  } catch (error) {
    if (!isSqlite(error)) throw error;
    endIfDamaged(error);
    return { ask, rows: [], error: reasonOf(error) };
  }
}

function recorded(tables: Tables, { ask, before, limit }: RecordsRequest): RecordsResult {
  try {
    return { ask, ...tables.records(before, limit), error: null };
  } catch (error) {
    if (!isSqlite(error)) throw error;
    endIfDamaged(error);
    return { ask, rows: [], checkpoints: [], error: reasonOf(error) };
  }
}

/** What the disk says of it is told by the next commit. */
function pruned(pruning: Pruner, request: PruneRequest): Pruned {
  try {
    return pruning.run(request);
  } catch (error) {
    if (!isSqlite(error)) throw error;
    endIfDamaged(error);
    return { stubs: 0, dropped: 0, wants: null, more: false };
  }
}

type SqliteError = Error & { readonly code: string };
const isSqlite = (error: unknown): error is SqliteError =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_');

/** Copies the WAL back after an answer, never before one. A copy that fails ends the thread: the
 * file is opened afresh, and the loop tells it. */
function walKeeper({ db }: Opened): () => void {
  const look = db.prepare<[], Wal>('pragma wal_checkpoint(NOOP)');
  let turns = 0;
  function copyBack(): void {
    const wal = look.get();
    assert(wal, 'SQLite tells the state of its WAL');
    if (wal.log - wal.checkpointed >= checkpointFrames) db.pragma('wal_checkpoint(PASSIVE)');
  }
  return () => {
    turns++;
    if (turns % lookEveryTurns === 0) setImmediate(copyBack);
  };
}

/** In frames. */
interface Wal {
  readonly log: number;
  readonly checkpointed: number;
}

function close(opened: Opened): void {
  opened.close();
  lock?.close();
  port.close();
  pages.close();
}

open().then(serve).catch(refused);
