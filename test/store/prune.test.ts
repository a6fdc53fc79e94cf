// Old records: bodies go by age and by space, stubs under a signed checkpoint, and the chain verifies all
// the while. Nothing of it happens while an incident is open.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fact } from '#agent/core/fact.ts';
import type { Moment } from '#agent/core/state.ts';
import type { Turn } from '#agent/ports.ts';
import type { Head } from '#agent/store/chain.ts';
import { pruneRule } from '#agent/store/prune.ts';
import type { SqliteStore } from '#agent/store/store.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { checkpointsOf, openStore, Rig, verdictOf } from './damage.ts';
import {
  auditRows,
  headOf,
  message,
  moment,
  nothing,
  press,
  pressId,
  readDatabase,
  wire,
} from './support.ts';

const rig = new Rig();
beforeEach(() => rig.begin());
afterEach(() => rig.end());

const day = 86_400_000;
/** The records of `moment` are of this day. */
const then = moment(0).wallMs;
let store: SqliteStore;
let written = 0;

function open(wallMs: number, clock: Moment['clock'] = 'good'): SqliteStore {
  const system = systemClock();
  const now = () => ({ ...system.now(), wallMs, clock });
  const one = openStore(rig.path, { clock: { ...system, now }, wire, prunePauseMs: 5 });
  rig.keep(one);
  store = one.store;
  return store;
}

/** A turn of `count` records; the first one of a store is looked at, then every 64th. */
function records(count: number, at: (n: number) => Moment = moment): void {
  const fact: Fact = { kind: 'fault.cleared', fault: 'dome.lost' };
  const audit = Array.from({ length: count }, () => ({ at: at(++written), fact }));
  const turn: Turn = { ...nothing, audit };
  expect(store.commit(turn)).toMatchObject({ durable: true });
}

const bodies = () => auditRows(rig.path).filter(({ body }) => body !== null);
const pruned = (condition: () => boolean, what: string) =>
  until(condition, { withinMs: 10_000, what });
/** Time for several batches in which nothing may happen. */
async function looksInVain(): Promise<void> {
  const asked = performance.now();
  await until(() => performance.now() - asked > 200, { withinMs: 1000, what: 'some batches' });
}

describe('by age', () => {
  beforeEach(() => {
    written = 0;
  });

  test('older than twelve months: stubs, but for the newest thousand', async () => {
    open(then);
    records(1500);
    records(500, (n) => ({ ...moment(n), wallMs: then + 100 * day }));
    await store.close();
    open(then + pruneRule.bodyMs + day);
    records(1);
    await pruned(() => bodies().length === pruneRule.bodiesMin, 'the old ones');
    expect(bodies()[0]?.seq).toBe(1002);
    expect(verdictOf(rig.path, store.evidence.publicKey)).toMatchObject({ ok: true, seq: 2001 });
  });

  test('nothing is old by a clock that is not good', async () => {
    open(then + pruneRule.bodyMs + day, 'unknown');
    records(1500);
    await looksInVain();
    expect(bodies()).toHaveLength(1500);
  });

  test('a record of 1970 is as old as the next one that knows the time', async () => {
    open(then);
    const lost = (n: number): Moment => ({ ...moment(n), wallMs: n, clock: 'unknown' });
    records(600, lost);
    records(10, (n) => ({ ...moment(n), wallMs: then + 200 * day }));
    records(1000, (n) => ({ ...moment(n), wallMs: then + 200 * day }));
    await store.close();
    // By its own clock the first is half a century old.
    open(then + pruneRule.bodyMs + day);
    records(1);
    await looksInVain();
    expect(bodies()).toHaveLength(1611);
    await rig.closeAll();
    open(then + pruneRule.bodyMs + 201 * day);
    records(1);
    await pruned(() => bodies().length === pruneRule.bodiesMin, 'the old ones');
  });
});

describe('by space', () => {
  const capBytes = 4 * 2 ** 20;
  const bodiesMax = (capBytes * pruneRule.bodiesShare) / pruneRule.bodyBytes;
  const stubsMax = Math.floor((capBytes * pruneRule.stubsShare) / pruneRule.stubBytes);

  test('the oldest bodies go; the oldest stubs go under a checkpoint; heads stay proven', async () => {
    written = 0;
    open(then);
    const heads: Head[] = [];
    for (let turn = 0; turn < 12; turn++) {
      records(499);
      const told = { ...nothing, enqueue: [message(`m${turn}`, turn + 1)] };
      const { rows } = store.commit({
        ...told,
        audit: press(turn).audit,
        settle: [`m${turn - 1}`],
      });
      heads.push(headOf(rows[0]?.payload ?? ''));
    }
    await pruned(() => bodies().length === bodiesMax, 'the bodies');
    await pruned(() => auditRows(rig.path).length < bodiesMax + stubsMax + 1100, 'the stubs');
    const [checkpoint] = checkpointsOf(rig.path);
    expect(checkpoint).toMatchObject({ why: 'pruned', alg: 'ed25519' });
    expect(auditRows(rig.path)[0]?.seq).toBe((checkpoint?.seq ?? 0) + 1);
    const { publicKey } = store.evidence;
    const before = heads.filter(({ seq }) => seq < (checkpoint?.seq ?? 0)).length;
    expect(before).toBeGreaterThan(0);
    expect(verdictOf(rig.path, publicKey, heads)).toMatchObject({
      ...{ ok: true, seq: 6000, unproven: before },
    });
    // A checkpoint that somebody else made proves nothing.
    readDatabase(rig.path, (db) =>
      db.exec("update meta set value = replace(value, 'pruned', 'lost') where key = 'checkpoint'"),
    );
    expect(verdictOf(rig.path, publicKey, heads)).toMatchObject({ ok: false });
  });

  test('not while an incident is open', async () => {
    written = 0;
    open(then);
    store.commit(press(1));
    records(bodiesMax + 500);
    await looksInVain();
    expect(bodies()).toHaveLength(bodiesMax + 501);
    const gone = { table: 'incidents', id: pressId(1), body: null } as const;
    store.commit({ ...nothing, entities: [gone], settle: [pressId(1)] });
    for (let turn = 0; turn < 64; turn++) records(1);
    await pruned(() => bodies().length === bodiesMax, 'the bodies');
  });

  test('at the page cap bodies of old records give way to an alarm', () => {
    written = 0;
    open(then);
    const long = 'x'.repeat(1500);
    const fact: Fact = { kind: 'fault.raised', fault: 'dome.lost', detail: long };
    store.commit(press(1));
    for (let turn = 0; turn < 40; turn++) {
      const audit = Array.from({ length: 100 }, () => ({ at: moment(++written), fact }));
      expect(store.commit({ ...nothing, audit })).toMatchObject({ durable: true });
    }
    expect(store.commit(press(2))).toMatchObject({ durable: true });
    const rows = auditRows(rig.path);
    expect(rows).toHaveLength(4002);
    expect(rows.filter(({ body }) => body !== null).length).toBeGreaterThan(pruneRule.bodiesMin);
    expect(verdictOf(rig.path, store.evidence.publicKey)).toMatchObject({ ok: true, seq: 4002 });
  });
});
