// The worker dies, or its database will not take a turn: it is replaced or asked again, in order, and
// every turn is applied exactly once.

import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lane, Message } from '#agent/core/message.ts';
import type { Turn } from '#agent/ports.ts';
import { verifyChain } from '#agent/store/chain.ts';
import { databaseFile, type SqliteStore } from '#agent/store/store.ts';
import { until } from '#test/support/wait.ts';
import {
  auditRows,
  message,
  nothing,
  press,
  pressId,
  RecordingSink,
  smallStore,
  tempDir,
} from './support.ts';

let dir: ReturnType<typeof tempDir>;
let store: SqliteStore;
let sink: RecordingSink;
beforeEach(() => {
  dir = tempDir();
  sink = new RecordingSink();
  store = smallStore(dir.path);
  store.open(sink);
});
afterEach(async () => {
  await store.close();
  dir.remove();
});

const ids = async () => (await store.page('alarm', 0, 1000)).map(({ id }) => id);
const presses = (count: number) => Array.from({ length: count }, (_, i) => pressId(i + 1));
const told = (kind: string) =>
  until(() => sink.kinds().includes(kind), { withinMs: 5000, what: kind });

test('a worker that dies while idle is replaced before anybody needs it', async () => {
  store.commit(press(1));
  await store.crashWorker();
  await told('fault.cleared');
  expect(sink.kinds()).toEqual(['fault.raised', 'fault.cleared']);
  expect(store.commit(press(2))).toMatchObject({ durable: true });
  expect(await ids()).toEqual(presses(2));
  expect(verifyChain(auditRows(dir.path))).toMatchObject({ ok: true, seq: 2 });
});

test('a worker that dies in the middle of a commit is replaced, and the turn is applied once', async () => {
  for (let n = 1; n <= 6; n++) {
    const crashed = store.crashWorker();
    store.commit(press(n));
    await crashed;
    await until(() => store.figures().behind === 0, { withinMs: 15_000, what: 'all on disk' });
  }
  expect(await ids()).toEqual(presses(6));
  expect(auditRows(dir.path)).toHaveLength(6);
  expect(verifyChain(auditRows(dir.path))).toMatchObject({ ok: true, seq: 6 });
});

test('a question for a page outlives the worker it was put to', async () => {
  store.commit(press(1));
  const asked = store.page('alarm', 0, 10);
  await Promise.all([store.crashWorker(), expect(asked).resolves.toHaveLength(1)]);
  const again = store.page('alarm', 0, 10);
  await expect(again).resolves.toHaveLength(1);
});

test('a database that is held by somebody is asked again until it takes all, in order', async () => {
  store.commit(press(1));
  const other = new Sqlite(join(dir.path, databaseFile));
  other.exec('begin immediate');
  const first = store.commit(press(2));
  expect(first).toMatchObject({ durable: false });
  const startMs = performance.now();
  for (let n = 3; n <= 10; n++) expect(store.commit(press(n)).durable).toBe(false);
  expect(performance.now() - startMs).toBeLessThan(150);
  expect(store.figures()).toMatchObject({ behind: 9, outboxRows: 10 });
  other.exec('rollback');
  other.close();
  await told('storage.recovered');
  expect(await ids()).toEqual(presses(10));
  expect(store.figures()).toMatchObject({ behind: 0, outboxRows: 10 });
  expect(verifyChain(auditRows(dir.path))).toMatchObject({ ok: true, seq: 10 });
});

/** One turn of 100 rows, 100 kB; `from` is the first seq. */
const heap = (lane: Lane, from: number): Turn => ({
  ...nothing,
  enqueue: Array.from({ length: 100 }, (_, i): Message => {
    const detail = 'x'.repeat(1000);
    const body = { kind: 'fault.raised', fault: 'dome.lost', detail } as const;
    return { ...message(`${lane}-${from + i}`, from + i, lane), body };
  }),
});

function fill(lane: Lane, turns: number, fromTurn = 0) {
  const all = Array.from({ length: turns }, (_, i) => heap(lane, (fromTurn + i) * 100 + 1));
  return all.map((turn) => store.commit(turn));
}

test('at the page cap telemetry gives way, then events, oldest first; it is told', async () => {
  const filled = [...fill('telemetry', 20), ...fill('event', 40, 20)];
  expect(filled.every(({ durable }) => durable)).toBe(true);
  expect(await store.page('telemetry', 0, 10)).toEqual([]);
  const events = await store.page('event', 0, 10_000);
  expect(events.at(-1)?.seq).toBe(6000);
  expect(events[0]?.seq).toBeGreaterThan(2001);
  expect(sink.facts).toMatchObject([{ kind: 'fault.raised', fault: 'storage.outbox-full' }]);
  store.commit({ ...nothing, settle: events.map(({ id }) => id) });
  expect(sink.facts.at(-1)).toEqual({ kind: 'fault.cleared', fault: 'storage.outbox-full' });
  expect(store.figures().outboxRows).toBe(0);
});

test('an alarm never gives way: a full database keeps the turn until receipts make room', async () => {
  const filled = fill('alarm', 40);
  const taken = filled.filter(({ durable }) => durable).length;
  expect(taken).toBeGreaterThan(20);
  expect(taken).toBeLessThan(40);
  expect(filled.at(-1)?.reason).toMatch(/SQLITE_FULL/);
  expect(store.figures()).toMatchObject({ behind: 40 - taken, outboxRows: 4000 });
  const received = (await store.page('alarm', 0, 2000)).map(({ id }) => id);
  expect(store.commit({ ...nothing, settle: received })).toMatchObject({ durable: true });
  expect(sink.kinds()).toEqual(['storage.recovered']);
  const rows = await store.page('alarm', 0, 10_000);
  expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 2000 }, (_, i) => i + 2001));
});

test('a sealed alarm has the same bytes before and after the disk takes it', async () => {
  const other = new Sqlite(join(dir.path, databaseFile));
  other.exec('begin immediate');
  const { rows } = store.commit(press(1));
  other.exec('rollback');
  other.close();
  await told('storage.recovered');
  expect(await store.page('alarm', 0, 10)).toEqual(rows);
});

test('an idle store makes no transaction', async () => {
  store.commit(press(1));
  const { transactions } = store.figures();
  expect(transactions).toBe(1);
  await ids();
  expect(store.figures().transactions).toBe(1);
});
