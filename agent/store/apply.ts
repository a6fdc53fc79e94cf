// The statements of the store: a batch of turns is one transaction, and each turn is applied once.
// Runs in the worker.

import assert from 'node:assert/strict';
import type { Database } from 'better-sqlite3';
import { type Lane, priorities } from '../core/message.ts';
import type { OutboxRow } from '../ports.ts';
import { type ChainAt, genesis } from './chain.ts';
import type { AuditRow, Checkpoint, EntityRow, Records, SealedTurn } from './protocol.ts';

export interface Tables {
  /** Applies what is not on disk yet. Throws SQLite's error and leaves everything as it was. */
  apply(batch: readonly SealedTurn[]): void;
  /** Writes a turn like a press's and takes it back: nothing reaches a file. */
  rehearse(): void;
  /** Makes room: the oldest rows of the least lane that has any go, an alarm never. How many went. */
  giveWay(): number;
  page(lane: Lane, afterSeq: number, limit: number): OutboxRow[];
  /** Newest first; `before` null: from the newest on, with the checkpoints. */
  records(before: number | null, limit: number): Records;
  readonly turn: number;
  readonly outboxRows: number;
  outboxSeq(): number;
  chain(): ChainAt;
  entities(): EntityRow[];
}

const giveWayRows = 500;

/** Under names and numbers that nothing real has. */
const example: SealedTurn = {
  turn: 0,
  entities: ['incidents', 'inputs', 'site'].map((table) => [table, 'rehearsal', '{}']),
  audit: [
    {
      ...{ seq: Number.MAX_SAFE_INTEGER, kind: 'rehearsal', bootId: '', body: '{}' },
      ...{ wallMs: 0, monoMs: 0, bodyHash: '', hash: '' },
    },
  ],
  outbox: [
    { id: 'rehearsal', seq: Number.MAX_SAFE_INTEGER, lane: 'alarm', payload: ' '.repeat(800) },
  ],
  settle: ['rehearsal'],
};

export function openTables(db: Database): Tables {
  const number = db.prepare<[], number>("select value from meta where key = 'turn'").pluck();
  const count = db.prepare<[], number>('select count(*) from outbox').pluck();
  let turn = number.get() ?? 0;
  let outboxRows = count.get() ?? 0;
  const { write, moveTo } = writer(db);
  const pages = db.prepare<[number, number, number], Omit<OutboxRow, 'lane'>>(
    'select id, seq, payload from outbox where lane = ? and seq > ? order by seq limit ?',
  );
  const records = db.prepare<[number, number], AuditRow>(
    `select seq, kind, wall_ms as wallMs, mono_ms as monoMs, boot_id as bootId, body,
       body_hash as bodyHash, hash from audit where seq < ? order by seq desc limit ?`,
  );
  const head = db.prepare<[], ChainAt>('select seq, hash from audit order by seq desc limit 1');
  const highest = db.prepare<[], number>('select max(seq) from outbox').pluck();
  const all = db.prepare<[], [string, string, unknown]>('select tab, id, body from entity').raw();
  const apply = db.transaction((batch: readonly SealedTurn[]) => {
    const last = batch.at(-1);
    if (!last) return { turn, rows: 0 };
    const rows = write(batch);
    moveTo(turn, last.turn);
    return { turn: last.turn, rows };
  });
  const undone = new Error('a rehearsal is taken back');
  const rehearse = db.transaction(() => {
    write([example]);
    moveTo(turn, turn + 1);
    throw undone;
  });
  const drop = db.prepare<[number, number]>(
    'delete from outbox where seq in (select seq from outbox where lane = ? order by seq limit ?)',
  );
  return {
    rehearse() {
      try {
        rehearse.immediate();
      } catch (error) {
        if (error !== undone) throw error;
      }
    },
    giveWay() {
      const dropped =
        drop.run(priorities.telemetry, giveWayRows).changes ||
        drop.run(priorities.event, giveWayRows).changes;
      outboxRows -= dropped;
      return dropped;
    },
    apply(batch) {
      const done = apply.immediate(batch.filter((sealed) => sealed.turn > turn));
      turn = done.turn;
      outboxRows += done.rows;
    },
    page: (lane, afterSeq, limit) =>
      pages.all(priorities[lane], afterSeq, limit).map((row) => ({ ...row, lane })),
    records: (before, limit) => ({
      rows: records.all(before ?? Number.MAX_SAFE_INTEGER, limit),
      checkpoints: before === null ? checkpoints(db) : [],
    }),
    get turn() {
      return turn;
    },
    get outboxRows() {
      return outboxRows;
    },
    outboxSeq: () => highest.get() ?? 0,
    chain: () => furthest([genesis, ...checkpoints(db), ...head.all()]),
    entities: () => all.all().map(([table, id, body]) => [table, id, textOf(body)]),
  };
}

function writer(db: Database) {
  const put = db.prepare<[string, string, string]>(
    'insert into entity values (?, ?, ?) on conflict do update set body = excluded.body',
  );
  const drop = db.prepare<[string, string]>('delete from entity where tab = ? and id = ?');
  const enqueue = db.prepare<[number | null, string, number, string]>(
    'insert into outbox (seq, id, lane, payload) values (?, ?, ?, ?) on conflict (id) do nothing',
  );
  const settle = db.prepare<[string]>('delete from outbox where id = ?');
  const record = db.prepare<
    [number, string, number, number, string, string | null, string, string]
  >(
    `insert into audit (seq, kind, wall_ms, mono_ms, boot_id, body, body_hash, hash)
     values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (seq) do nothing`,
  );
  const keep = db.prepare<[string, string]>('insert or replace into meta values (?, ?)');
  const move = db.prepare<[number, number]>(
    "update meta set value = ? where key = 'turn' and value = ?",
  );
  /** Returns by how many rows the outbox has grown. Rows that are done go first: in a database
   * that is full they are the room for what comes. */
  function write(batch: readonly SealedTurn[]): number {
    const done = new Set(batch.flatMap(({ settle: ids }) => ids));
    let grown = 0;
    for (const id of done) grown -= settle.run(id).changes;
    for (const { entities, audit, outbox, checkpoints = [] } of batch) {
      for (const [table, id, body] of entities) {
        if (body === null) drop.run(table, id);
        else put.run(table, id, body);
      }
      for (const row of audit) insertRecord(row);
      for (const one of checkpoints) keep.run(checkpointKey(one), JSON.stringify(one));
      const waiting = outbox.filter(({ id }) => !done.has(id));
      for (const row of waiting) grown += insertMessage(row);
    }
    return grown;
  }
  /** A number given twice, as after a loss, costs its order and never the message. */
  function insertMessage({ seq, id, lane, payload }: OutboxRow): number {
    try {
      return enqueue.run(seq, id, priorities[lane], payload).changes;
    } catch (error) {
      const taken = error instanceof Error && 'code' in error;
      if (!taken || error.code !== 'SQLITE_CONSTRAINT_PRIMARYKEY') throw error;
      return enqueue.run(null, id, priorities[lane], payload).changes;
    }
  }
  const insertRecord = (row: AuditRow) =>
    record.run(
      row.seq,
      row.kind,
      row.wallMs,
      row.monoMs,
      row.bootId,
      row.body,
      row.bodyHash,
      row.hash,
    );
  /** Written with the turn's own rows: a turn that is sent twice is known by it, and so is another
   * process that has the same file open. */
  function moveTo(from: number, to: number): void {
    const { changes } = move.run(to, from);
    assert.equal(changes, 1, 'no other process writes this database');
  }
  return { write, moveTo };
}

/** One of the pruned records, which replaces the one before; one for each loss. */
const checkpointKey = ({ why, seq }: Checkpoint): string =>
  why === 'pruned' ? 'checkpoint' : `lost:${seq}`;

/** A loss may be younger than every record. */
const checkpoints = (db: Database): Checkpoint[] =>
  db
    .prepare<[], string>("select value from meta where key = 'checkpoint' or key like 'lost:%'")
    .pluck()
    .all()
    .map((text): Checkpoint => JSON.parse(text));

function furthest(all: readonly ChainAt[]): ChainAt {
  const { seq, hash } = all.reduce((best, one) => (one.seq > best.seq ? one : best), genesis);
  return { seq, hash };
}

/** A damaged row may hold anything; core is told its bytes. */
const textOf = (body: unknown): string =>
  body instanceof Uint8Array ? `base64:${Buffer.from(body).toString('base64')}` : String(body);
