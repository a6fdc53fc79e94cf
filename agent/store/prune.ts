// What becomes of old records. A body goes when it is older than the rule, or when there are more bodies
// than their share of the page cap; its stub (the hashes) stays, and the chain still verifies. Stubs
// beyond theirs go under a checkpoint that the evidence key has signed.
// Runs in the worker, a small batch at a time, and only while no incident is open.

import type { Database } from 'better-sqlite3';
import type { ChainAt } from './chain.ts';
import type { Pruned, PruneRequest } from './protocol.ts';

export const pruneRule = {
  /** Twelve months, and a leap day. */
  bodyMs: 366 * 86_400_000,
  /** Never fewer, however old or large (EN 50131-1 asks for 500). */
  bodiesMin: 1000,
  /** Bodies may take half of the page cap, stubs a tenth. */
  bodyBytes: 1024,
  bodiesShare: 0.5,
  stubBytes: 320,
  stubsShare: 0.1,
} as const;

/** Some 2 ms of work, which is what a press can have to wait behind. */
const batch = 64;
/** Records made while the clock said nothing are as old as the next one that knows. */
const lookAhead = 4096;
/** Stubs are dropped under one signature by this many. */
const collapse = 1024;
const earliestWallMs = Date.UTC(2026, 0, 1);
const latestWallMs = Number.MAX_SAFE_INTEGER;

export interface Pruner {
  /** One batch. */
  run(request: PruneRequest): Pruned;
  /** The oldest bodies, where the database is full and nothing else gives way. How many went. */
  giveWay(): number;
}

/** @param capBytes what the database may grow to. */
export function pruner(db: Database, capBytes: number): Pruner {
  const { bodiesShare, bodyBytes, stubsShare, stubBytes, bodiesMin, bodyMs } = pruneRule;
  const bodiesMax = Math.max(bodiesMin, Math.floor((capBytes * bodiesShare) / bodyBytes));
  const stubsMax = Math.floor((capBytes * stubsShare) / stubBytes);
  const ends = db.prepare<[], { first: number | null; last: number | null }>(
    'select min(seq) as first, max(seq) as last from audit',
  );
  const cursor = db.prepare<[], number>("select value from meta where key = 'stubs'").pluck();
  const setCursor = db.prepare<[number]>("insert or replace into meta values ('stubs', ?)");
  const toStub = stubber(db);
  const drop = db.prepare<[number]>(
    `delete from audit where seq in (select seq from audit where seq <= ? order by seq limit ${batch * 4})`,
  );
  const keep = db.prepare<[string]>("insert or replace into meta values ('checkpoint', ?)");
  const kept = db.prepare<[], string>("select value from meta where key = 'checkpoint'").pluck();
  const at = db.prepare<[number], ChainAt>('select seq, hash from audit where seq = ?');
  const range = 'from audit where seq > ? and seq <= ? and wall_ms >= ? and wall_ms < ?';
  const sure = "json_extract(body, '$.at.clock') = 'good'";
  type Range = [number, number, number, number];
  const firstSure = db.prepare<Range, { wall: number }>(
    `select wall_ms as wall ${range} and ${sure} order by seq limit 1`,
  );
  const lastOld = db.prepare<Range, { seq: number }>(
    `select seq ${range} and ${sure} order by seq desc limit 1`,
  );

  /** The last record of the batch that is older than the rule. */
  function oldUpTo(from: number, to: number, wallMs: number): number {
    const limitMs = wallMs - bodyMs;
    const next = firstSure.get(to - 1, to + lookAhead, earliestWallMs, latestWallMs);
    if (next && next.wall < limitMs) return to;
    return lastOld.get(from, to, earliestWallMs, limitMs)?.seq ?? from;
  }

  function stubs(wallMs: number | null): { made: number; more: boolean } {
    const { first, last } = ends.get() ?? {};
    if (!first || !last) return { made: 0, more: false };
    const from = Math.max(cursor.get() ?? 0, first - 1);
    const to = Math.min(from + batch, last - bodiesMin);
    if (to <= from) return { made: 0, more: false };
    const byAge = wallMs === null ? from : oldUpTo(from, to, wallMs);
    const upTo = Math.min(to, Math.max(byAge, last - bodiesMax));
    if (upTo <= from) return { made: 0, more: false };
    setCursor.run(upTo);
    return { made: toStub(from, upTo), more: upTo === from + batch };
  }

  /** Drops stubs under the checkpoint that is there, or says which one is wanted. */
  function dropStubs(): { dropped: number; wants: ChainAt | null } {
    const text = kept.get();
    const checkpoint: ChainAt | null = text === undefined ? null : JSON.parse(text);
    const dropped = checkpoint ? drop.run(checkpoint.seq).changes : 0;
    const { first } = ends.get() ?? {};
    const upTo = cursor.get() ?? 0;
    if (dropped > 0 || !first || upTo - first + 1 < stubsMax + collapse)
      return { dropped, wants: null };
    return { dropped, wants: at.get(upTo - stubsMax) ?? null };
  }

  const run = db.transaction(({ wallMs, checkpoint }: PruneRequest): Pruned => {
    if (checkpoint) keep.run(JSON.stringify(checkpoint));
    const { made, more } = stubs(wallMs);
    const { dropped, wants } = dropStubs();
    return { stubs: made, dropped, wants, more: more || dropped > 0 };
  });
  const giveWay = db.transaction((): number => {
    const { first, last } = ends.get() ?? {};
    if (!first || !last) return 0;
    const from = Math.max(cursor.get() ?? 0, first - 1);
    const upTo = Math.min(from + batch * 4, last - bodiesMin);
    if (upTo <= from) return 0;
    setCursor.run(upTo);
    return toStub(from, upTo);
  });
  return { run: (request) => run.immediate(request), giveWay: () => giveWay.immediate() };
}

/** Takes the bodies of records after `from` up to `to`. Deleted and put back: an update would leave
 * their pages half empty, and nothing new would find room there. */
function stubber(db: Database): (from: number, to: number) => number {
  const read = db.prepare<[number, number], object>(
    'select * from audit where seq > ? and seq <= ? and body is not null',
  );
  const remove = db.prepare<[number, number]>(
    'delete from audit where seq > ? and seq <= ? and body is not null',
  );
  const put = db.prepare(
    `insert into audit (seq, kind, wall_ms, mono_ms, boot_id, body_hash, hash)
     values ($seq, $kind, $wall_ms, $mono_ms, $boot_id, $body_hash, $hash)`,
  );
  return (from, to) => {
    const rows = read.all(from, to);
    remove.run(from, to);
    for (const row of rows) put.run(row);
    return rows.length;
  };
}
