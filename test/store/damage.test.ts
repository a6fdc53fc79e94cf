// A database that is damaged, gone or foreign: the store opens all the same, keeps what was
// there, loses no open incident and no unsent alarm, and says what happened in one sentence.

import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '#test/support/wait.ts';
import {
  alarms,
  checkpointed,
  faultOf,
  incidents,
  isThere,
  loseJournal,
  pagesOf,
  presses,
  quarantined,
  Rig,
  tear,
  used,
  verdictOf,
} from './damage.ts';
import { headOf, nothing, press, pressId, readDatabase } from './support.ts';

const rig = new Rig();
const { reopen, closeAll } = rig;
beforeEach(() => rig.begin());
afterEach(() => rig.end());

const ruins: [string, () => void][] = [
  ['an empty file', () => writeFileSync(rig.file, '')],
  ['a cut file', () => truncateSync(rig.file, 9000)],
  ['a file of something else', () => writeFileSync(rig.file, 'x'.repeat(10_000))],
  ['a header gone bad', () => tear(rig.path, 1)],
  ['a version nobody will ever write', () => patch(60, 0xa5a5a5a5)],
  ['a database that is gone, its WAL left', () => rmSync(rig.file)],
];

function patch(at: number, value: number): void {
  const bytes = readFileSync(rig.file);
  bytes.writeUInt32BE(value, at);
  writeFileSync(rig.file, bytes);
}

describe('a database of which nothing can be read', () => {
  test.each(ruins)('%s: kept, and everything open comes from the journal', async (_, ruin) => {
    await used(rig.path, 3);
    ruin();
    const one = reopen();
    expect(incidents(one)).toEqual(presses(3));
    expect(await alarms(one)).toEqual(presses(3));
    expect(faultOf(one.sink, 'storage.database')).toMatch(
      /damaged .* kept as .*gate\.db\.broken-1; .* Have the disk checked/,
    );
    expect(quarantined(rig.path).length).toBeGreaterThan(0);
    await rig.works(one);
    await closeAll();
    const { evidence } = reopen().store;
    expect(verdictOf(rig.path, evidence.publicKey)).toMatchObject({
      ok: true,
      gaps: [{ to: 1003 }],
    });
  });

  test('and the journal is gone, too: that counts as an open incident', async () => {
    await used(rig.path, 3);
    tear(rig.path, 1);
    rmSync(`${rig.file}-wal`);
    loseJournal(rig.path);
    const one = reopen();
    const told = one.sink.facts.find(({ kind }) => kind === 'record.unreadable');
    expect(told).toMatchObject({ table: 'incidents', id: expect.stringMatching(/^lost-/) });
  });

  test("somebody else's database is kept, and is no sign of an alarm", async () => {
    new Sqlite(rig.file).exec('create table t (a); insert into t values (1)').close();
    const one = reopen();
    expect(one.sink.kinds()).toEqual(['fault.raised']);
    expect(new Sqlite(`${rig.file}.broken-1`).prepare('select a from t').pluck().all()).toEqual([
      1,
    ]);
    await rig.works(one);
  });
});

describe('a torn page', () => {
  test('that is the first loses all others, and the journal has what is open', async () => {
    await used(rig.path, 25);
    const first = reopen();
    const gone = { table: 'incidents', id: pressId(7), body: null } as const;
    first.store.commit({ ...nothing, entities: [gone], settle: [pressId(7)] });
    await closeAll();
    checkpointed(rig.path);
    tear(rig.path, 1);
    const open = presses(25).filter((id) => id !== pressId(7));
    const one = reopen();
    expect(incidents(one)).toEqual(open);
    expect(await alarms(one)).toEqual(open);
    const told = faultOf(one.sink, 'storage.database');
    expect(told).toMatch(
      /; 0 rows, 0 messages and 0 records were saved from it, open incidents also/,
    );
    expect(one.sink.kinds()).not.toContain('record.unreadable');
    expect(one.durable.site.site?.nextSeq).toBeGreaterThan(25);
    await rig.works(one);
  });

  test('costs the rows on it, and those come from the journal where they matter', async () => {
    await used(rig.path, 200);
    checkpointed(rig.path);
    const [root = 0, ...leaves] = pagesOf(rig.path, 'outbox');
    expect(leaves.length).toBeGreaterThan(5);
    tear(rig.path, leaves[2] ?? root);
    const one = reopen();
    expect(incidents(one)).toEqual(presses(200));
    const left = await alarms(one);
    expect(left.length).toBeGreaterThanOrEqual(190);
    expect(left.length).toBeLessThanOrEqual(200);
    expect(left.at(-1)).toBe(pressId(200));
    const told = faultOf(one.sink, 'storage.database');
    expect(told).toMatch(/200 rows, \d+ messages and 200 records were saved/);
  });

  test.each(['sqlite_autoindex_outbox_1', 'lane_seq'])(
    'in the index %s costs nothing',
    async (index) => {
      await used(rig.path, 200);
      checkpointed(rig.path);
      tear(rig.path, pagesOf(rig.path, index).at(-1) ?? 0);
      const one = reopen();
      expect(await alarms(one)).toEqual(presses(200));
      expect(incidents(one)).toEqual(presses(200));
      await rig.works(one);
    },
  );

  test('in the records leaves a gap that the chain names, signed', async () => {
    await used(rig.path, 200);
    const before = reopen();
    const heads = (await before.store.page('alarm', -1, 1000)).map(({ payload }) =>
      headOf(payload),
    );
    await closeAll();
    checkpointed(rig.path);
    const [, , torn = 0] = pagesOf(rig.path, 'audit');
    tear(rig.path, torn);
    const one = reopen();
    const { chainSeq, chainHash } = one.store.figures();
    const head = heads.at(-1);
    // The new chain goes on from the old head and names it.
    expect(chainHash).toBe(head?.hash);
    expect(chainSeq).toBeGreaterThan(head?.seq ?? 0);
    expect(faultOf(one.sink, 'storage.database')).toContain(chainHash.slice(0, 16));
    one.store.commit(press(201));
    const { publicKey } = one.store.evidence;
    await closeAll();
    const verdict = verdictOf(rig.path, publicKey, heads);
    expect(verdict).toMatchObject({ ok: true, seq: chainSeq + 1 });
    const { gaps = [], unproven = 0 } = verdict.ok ? verdict : {};
    expect(gaps).toHaveLength(2);
    expect(unproven).toBeGreaterThan(0);
    expect(unproven).toBeLessThan(20);
    const [first] = gaps;
    expect((first?.to ?? 0) - (first?.from ?? 0) + 1).toBe(unproven);
  });

  test.each([0, 1, 2])(
    'in the incidents (leaf %i): each comes from its page or the journal',
    async (n) => {
      await used(rig.path, 60);
      checkpointed(rig.path);
      tear(rig.path, pagesOf(rig.path, 'entity')[n + 1] ?? 0);
      const one = reopen();
      expect(incidents(one)).toEqual(presses(60));
      await rig.works(one);
    },
  );

  test('a missing marker row is damage; all rows are saved', async () => {
    await used(rig.path, 5);
    checkpointed(rig.path);
    new Sqlite(rig.file).exec("delete from meta where key = 'marker'").close();
    const one = reopen();
    expect(incidents(one)).toEqual(presses(5));
    expect(faultOf(one.sink, 'storage.database')).toMatch(/marker row is missing/);
    await rig.works(one);
  });
});

test('a table that is gone is damage, too', async () => {
  await used(rig.path, 3);
  checkpointed(rig.path);
  new Sqlite(rig.file).exec('drop table outbox').close();
  const one = reopen();
  expect(faultOf(one.sink, 'storage.database')).toMatch(/no table outbox/);
  expect(await alarms(one)).toEqual(presses(3));
  await rig.works(one);
});

describe('found at work', () => {
  test('the database is replaced under the running terminal, and takes the presses', async () => {
    await used(rig.path, 100);
    checkpointed(rig.path);
    const one = reopen();
    const torn = pagesOf(rig.path, 'entity').slice(1);
    for (const page of torn) tear(rig.path, page);
    // A write by somebody else makes SQLite read its pages again.
    readDatabase(rig.path, (db) => db.exec("insert into meta values ('touched', 1)"));
    const all = Array.from({ length: 100 }, (_, i) => press(i + 1).entities);
    one.store.commit({ ...press(101), entities: [...all, press(101).entities].flat() });
    await until(
      () => one.sink.facts.some((fact) => 'fault' in fact && fact.fault === 'storage.database'),
      {
        withinMs: 10_000,
        what: 'the replacement',
      },
    );
    await until(() => one.store.figures().behind === 0, { withinMs: 5000, what: 'all on disk' });
    expect(one.store.commit(press(102))).toMatchObject({ durable: true });
    await closeAll();
    const again = reopen();
    expect(incidents(again)).toEqual(presses(102));
    expect(await alarms(again)).toEqual(presses(102));
    const { publicKey } = again.store.evidence;
    expect(verdictOf(rig.path, publicKey)).toMatchObject({ ok: true });
  });
});

test('what was moved aside is kept, the newest two of it', async () => {
  for (let n = 1; n <= 4; n++) {
    await used(rig.path, 1);
    writeFileSync(rig.file, `ruin ${n}`);
    reopen();
    await closeAll();
  }
  const kept = quarantined(rig.path).filter((name) => /\d$/.test(name));
  expect(kept).toEqual(['gate.db.broken-3', 'gate.db.broken-4']);
  expect(readFileSync(join(rig.path, 'gate.db.broken-4'), 'utf8')).toBe('ruin 4');
});

test('a crash between the two renames of a replacement is finished by the next start', async () => {
  await used(rig.path, 3);
  checkpointed(rig.path);
  copyFileSync(rig.file, `${rig.file}.salvaged`);
  rmSync(rig.file);
  rmSync(`${rig.file}-wal`, { force: true });
  loseJournal(rig.path);
  const one = reopen();
  expect(incidents(one)).toEqual(presses(3));
  expect(isThere(rig.path, 'gate.db.salvaged')).toBe(false);
  await rig.works(one);
});

test('a crash in the middle of a salvage leaves the damaged file where it was', async () => {
  await used(rig.path, 3);
  checkpointed(rig.path);
  tear(rig.path, pagesOf(rig.path, 'outbox')[0] ?? 0);
  writeFileSync(`${rig.file}.salvaged`, 'half of something');
  const one = reopen();
  expect(incidents(one)).toEqual(presses(3));
  expect(await alarms(one)).toEqual(presses(3));
});
