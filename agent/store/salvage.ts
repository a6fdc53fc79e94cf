// Reads what can be read of a damaged database, row by row, into a fresh one. A page that cannot be
// read costs the rows on it: the scan goes on behind it, from both ends and from many places between.
// What is copied is checked: a record whose hash is wrong stays behind, in the file moved aside.

import { hash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { tableNames } from '../core/state.ts';
import { type ChainAt, genesis, nextHash } from './chain.ts';
import { isDamage } from './fault.ts';

export interface Salvage {
  readonly entities: number;
  readonly outboxRows: number;
  readonly records: number;
  /** Every row of `entity` was read, as far as can be told. */
  readonly whole: boolean;
  /** A sound database of something else: no row of ours was in it. */
  readonly foreign: boolean;
  /** Records that hang on nothing: what was before them is gone. */
  readonly anchors: readonly ChainAt[];
}

export const nothing: Salvage = {
  ...{ entities: 0, outboxRows: 0, records: 0, whole: false, foreign: false, anchors: [] },
};

/** Where a scan may land beyond the keys around it. */
const skipMax = 4096;

/** Copies into `to`, which has our tables, empty. `from` may throw at any row. */
export function salvageInto(to: Database, from: Database): Salvage {
  const copy = to.transaction((): Salvage => {
    if (isForeign(from)) return { ...nothing, foreign: true };
    copyMeta(to, from);
    const { entities, whole } = copyEntities(to, from);
    const outboxRows = copyOutbox(to, from);
    return { entities, whole, foreign: false, outboxRows, ...copyAudit(to, from) };
  });
  return copy.immediate();
}

/** The value, or `broken` where the file does not give it. What the fresh database says is no answer. */
const broken = Symbol('broken');
function attempt<T>(run: () => T): T | typeof broken {
  try {
    return run();
  } catch (error) {
    // A table that is not there is a row that cannot be read.
    const missing = error instanceof Error && 'code' in error && error.code === 'SQLITE_ERROR';
    if (missing || isDamage(error)) return broken;
    throw error;
  }
}

function isForeign(from: Database): boolean {
  const tables = attempt(() => from.prepare('select name from sqlite_master').pluck().all());
  return tables !== broken && !tables.includes('entity') && !tables.includes('audit');
}

function copyMeta(to: Database, from: Database): void {
  const put = to.prepare('insert or replace into meta values (?, ?)');
  const rows = attempt(() =>
    from
      .prepare<[], [string, unknown]>("select key, value from meta where key <> 'marker'")
      .raw()
      .all(),
  );
  if (rows !== broken) for (const [key, value] of rows) put.run(key, value);
}

const hex = [...'0123456789abcdef'];
/** Ids are UUIDs or words: a scan between two of these comes in behind any page that is broken. */
const borders = [
  '',
  ...hex.flatMap((a) => hex.map((b) => a + b)),
  ...'ghijklmnopqrstuvwxyz',
  '\u{10ffff}',
];

function copyEntities(to: Database, from: Database): { entities: number; whole: boolean } {
  const put = to.prepare('insert or ignore into entity values (?, ?, ?)');
  const select = 'from entity where tab = ? and id';
  const reads = attempt(() => ({
    body: from.prepare<[string, string], unknown>(`select body ${select} = ?`).pluck(),
    scans: ['asc', 'desc'].map((order) =>
      from
        .prepare<[string, string, string], string>(
          `select id ${select} >= ? and id < ? order by id ${order}`,
        )
        .pluck(),
    ),
  }));
  if (reads === broken) return { entities: 0, whole: false };
  const { body, scans } = reads;
  let entities = 0;
  function copyRange(tab: string, first: string, end: string): boolean {
    for (const scan of scans) {
      const ids: string[] = [];
      const done = attempt(() => {
        for (const id of scan.iterate(tab, first, end)) ids.push(id);
      });
      for (const id of ids) {
        const found = attempt(() => body.get(tab, id));
        // The row is there and its body is not: it counts, and is told as unreadable.
        entities += put.run(tab, id, found === broken ? '' : found).changes;
      }
      if (done !== broken) return true;
    }
    return false;
  }
  let whole = true;
  for (const tab of tables(from)) {
    if (copyRange(tab, '', '\u{10ffff}')) continue;
    whole = false;
    for (const [n, first] of borders.slice(0, -1).entries())
      copyRange(tab, first, borders[n + 1] ?? '');
  }
  return { entities, whole };
}

/** Names of a later version's tables, too, where the file gives them. */
function tables(from: Database): string[] {
  const found = attempt(() =>
    from.prepare<[], string>('select distinct tab from entity').pluck().all(),
  );
  return [...new Set([...tableNames, ...(found === broken ? [] : found)])];
}

interface OutboxLine {
  readonly seq: number;
}

function copyOutbox(to: Database, from: Database): number {
  const put = to.prepare(
    'insert or ignore into outbox (seq, id, lane, payload) values ($seq, $id, $lane, $payload)',
  );
  let rows = 0;
  const sql = 'select seq, id, lane, payload from outbox';
  bySeq<OutboxLine>(from, sql, (row) => {
    rows += put.run(row).changes;
  });
  return rows;
}

interface AuditLine extends ChainAt {
  readonly body: string | null;
  readonly body_hash: string;
}

function copyAudit(to: Database, from: Database) {
  const put = to.prepare(
    `insert or ignore into audit values
       ($seq, $kind, $wall_ms, $mono_ms, $boot_id, $body, $body_hash, $hash)`,
  );
  const checkpoint = to
    .prepare<[], string>("select value from meta where key = 'checkpoint'")
    .pluck()
    .get();
  const start: ChainAt = checkpoint ? JSON.parse(checkpoint) : genesis;
  let last: ChainAt = { seq: start.seq, hash: start.hash };
  let records = 0;
  const anchors: ChainAt[] = [];
  bySeq<AuditLine>(from, 'select * from audit', (row) => {
    const { seq, hash: own, body } = row;
    if (seq <= last.seq) return;
    if (body !== null && hash('sha256', body, 'hex') !== row.body_hash) return;
    if (seq === last.seq + 1) {
      if (nextHash(last.hash, seq, row.body_hash) !== own) return;
    } else anchors.push({ seq, hash: own });
    records += put.run(row).changes;
    last = { seq, hash: own };
  });
  return { records, anchors };
}

/** Every row that can be read, in order of `seq`. */
function bySeq<T extends { readonly seq: number }>(
  from: Database,
  select: string,
  take: (row: T) => void,
): void {
  const up = attempt(() => from.prepare<[number], T>(`${select} where seq >= ? order by seq`));
  const down = attempt(() =>
    from.prepare<[number], T>(`${select} where seq >= ? order by seq desc`),
  );
  if (up === broken || down === broken) return;
  let next = 0;
  for (let skip = 1; skip <= skipMax; skip++) {
    const before = next;
    const done = attempt(() => {
      for (const row of up.iterate(next)) {
        take(row);
        next = row.seq + 1;
      }
    });
    if (done !== broken) return;
    if (next > before) skip = 1;
    else next += 1;
  }
  // Far more than a page is broken: what is behind it, from the end.
  const tail: T[] = [];
  attempt(() => {
    for (const row of down.iterate(next)) tail.push(row);
  });
  for (const row of tail.reverse()) take(row);
}
