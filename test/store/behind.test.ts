// A database that knows less than the alarm journal, and one that knows more than this program: nothing
// open is lost, nothing settled comes back, no number is given twice.

import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '#test/support/wait.ts';
import {
  alarms,
  checkpointed,
  faultOf,
  incidents,
  presses,
  quarantined,
  Rig,
  used,
  verdictOf,
} from './damage.ts';
import { headOf, nothing, press, pressId, readDatabase } from './support.ts';

const rig = new Rig();
const { reopen, closeAll } = rig;
beforeEach(() => rig.begin());
afterEach(() => rig.end());

describe('older than the journal', () => {
  test('a lost WAL: what it held comes from the journal, no number is given twice', async () => {
    await used(rig.path, 1);
    checkpointed(rig.path);
    copyFileSync(rig.file, `${rig.file}.copy`);
    const first = reopen();
    for (let n = 2; n <= 5; n++) first.store.commit(press(n));
    const { rows } = first.store.commit({ ...press(6), settle: [pressId(2)] });
    const heads = rows.map(({ payload }) => headOf(payload));
    await closeAll();
    copyFileSync(`${rig.file}.copy`, rig.file);
    rmSync(`${rig.file}-wal`);
    const one = reopen();
    expect(incidents(one)).toEqual(presses(6));
    expect(await alarms(one)).toEqual(presses(6).filter((id) => id !== pressId(2)));
    expect(one.sink.kinds()).toEqual(['fault.raised', 'fault.cleared']);
    expect(faultOf(one.sink, 'storage.behind')).toMatch(/lacks the last \d changes/);
    expect(one.durable.site.site?.nextSeq).toBeGreaterThan(6);
    one.store.commit(press(7000));
    const { publicKey } = one.store.evidence;
    await closeAll();
    expect(verdictOf(rig.path, publicKey, heads)).toMatchObject({ ok: true, unproven: 1 });
    expect(reopen().sink.facts).toEqual([]);
  });

  // Found by the storm: they waited for the database, however long it took nothing.
  test('while the database still takes nothing, its alarms go out all the same, in their place', async () => {
    await used(rig.path, 1);
    checkpointed(rig.path);
    copyFileSync(rig.file, `${rig.file}.copy`);
    reopen().store.commit(press(2));
    await closeAll();
    copyFileSync(`${rig.file}.copy`, rig.file);
    rmSync(`${rig.file}-wal`);
    const holder = new Sqlite(rig.file);
    holder.exec('begin immediate');
    const one = reopen();
    expect(await alarms(one)).toEqual(presses(2));
    expect(one.store.figures().behind).toBeGreaterThan(0);
    one.store.commit({ ...nothing, settle: [pressId(2)] });
    expect(await alarms(one)).toEqual(presses(1));
    holder.exec('rollback');
    holder.close();
    await until(() => one.store.figures().behind === 0, { withinMs: 8_000, what: 'the database' });
    expect(await alarms(one)).toEqual(presses(1));
    expect(incidents(one)).toEqual(presses(2));
  });

  test('a row that cannot be read is taken from it, and is written again', async () => {
    await used(rig.path, 2);
    const spoil = "update entity set body = 'rust' where id = ?";
    readDatabase(rig.path, (db) => db.prepare(spoil).run(pressId(1)));
    for (let start = 1; start <= 2; start++) {
      const one = reopen();
      expect(incidents(one)).toEqual(presses(2));
      expect(one.sink.facts).toEqual([]);
      await closeAll();
    }
    const body = 'select body from entity where id = ?';
    const kept = readDatabase(rig.path, (db) => db.prepare(body).pluck().get(pressId(1)));
    expect(JSON.parse(String(kept))).toMatchObject({ id: pressId(1), resolved: null });
  });

  test('an older journal is not believed: what was settled and resolved stays so', async () => {
    await used(rig.path, 2);
    const journal = join(rig.path, 'alarm.journal');
    copyFileSync(journal, `${journal}.copy`);
    const first = reopen();
    const gone = { table: 'incidents', id: pressId(1), body: null } as const;
    first.store.commit({ ...nothing, entities: [gone], settle: [pressId(1)] });
    await closeAll();
    copyFileSync(`${journal}.copy`, journal);
    const one = reopen();
    expect(incidents(one)).toEqual([pressId(2)]);
    expect(await alarms(one)).toEqual([pressId(2)]);
    expect(one.sink.facts).toEqual([]);
  });
});

describe('of a later release', () => {
  test('two versions ahead: not a byte is changed; memory and journal until it is mended', async () => {
    await used(rig.path, 2);
    checkpointed(rig.path);
    const ahead = (version: number) => {
      const db = new Sqlite(rig.file);
      db.pragma(`user_version = ${version}`);
      db.pragma('wal_checkpoint(TRUNCATE)');
      db.close();
    };
    ahead(3);
    const before = readFileSync(rig.file);
    const one = reopen();
    expect(incidents(one)).toEqual(presses(2));
    expect(await alarms(one)).toEqual(presses(2));
    expect(faultOf(one.sink, 'storage.database')).toMatch(/version 3.*install the newer program/);
    expect(one.store.commit(press(3))).toMatchObject({
      durable: false,
      rows: [{ id: pressId(3) }],
    });
    one.store.commit({ ...nothing, settle: [pressId(1)] });
    expect(await alarms(one)).toEqual([pressId(2), pressId(3)]);
    await closeAll();
    expect(readFileSync(rig.file).equals(before)).toBe(true);
    expect(quarantined(rig.path)).toEqual([]);
    // A second start finds in the journal what the first one stored in memory alone.
    expect(incidents(reopen())).toEqual(presses(3));
    await closeAll();
    // The newer program comes back: everything goes into the database, under the ids it was told by.
    ahead(1);
    const mended = reopen();
    expect(incidents(mended)).toEqual(presses(3));
    expect(await alarms(mended)).toEqual(expect.arrayContaining([pressId(2), pressId(3)]));
    await rig.works(mended);
  });
});
