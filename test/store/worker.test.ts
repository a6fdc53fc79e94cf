// The worker dies, or its database will not take a turn: it is replaced or asked again, in order, and
// every turn is applied exactly once.

import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyChain } from '#agent/store/chain.ts';
import { databaseFile, type SqliteStore } from '#agent/store/store.ts';
import { until } from '#test/support/wait.ts';
import {
  auditRows,
  nothing,
  press,
  pressId,
  RecordingSink,
  readDatabase,
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

test('a worker that dies in the middle of a commit is replaced within the same commit or after it', async () => {
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

test('a full database fails at once, keeps the turn, and takes everything when there is room', async () => {
  const big = {
    ...nothing,
    entities: [{ table: 'obeyed', id: 'big', body: 'x'.repeat(6e6) }],
  } as const;
  const full = store.commit(big);
  expect(full).toMatchObject({ durable: false });
  expect(full.reason).toMatch(/SQLITE_FULL/);
  expect(store.commit(press(1))).toMatchObject({ durable: false });
  expect(store.figures().behind).toBe(2);
  // Nothing of it is on disk: a turn is whole or not there.
  expect(readDatabase(dir.path, (db) => db.prepare('select * from outbox').all())).toEqual([]);
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
