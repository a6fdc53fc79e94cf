// The alarm journal: what it holds, what a torn or cut file gives back, and that it is flushed.

import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Incident } from '#agent/core/state.ts';
import { genesis } from '#agent/store/chain.ts';
import { Holdings } from '#agent/store/holdings.ts';
import { halfBytes, Journal, journalFile } from '#agent/store/journal.ts';
import type { EntityRow, SealedTurn } from '#agent/store/protocol.ts';
import { parseSnapshot } from '#agent/store/snapshot.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { incident, pressId, tempDir } from './support.ts';

let dir: ReturnType<typeof tempDir>;
let file: string;
let open: Journal[] = [];
beforeEach(() => {
  dir = tempDir();
  file = join(dir.path, journalFile);
});
afterEach(async () => {
  for (const one of open) await one.close(1000);
  open = [];
  dir.remove();
});

const told: string[] = [];
function journal(path = file): Journal {
  const events = {
    failed: (reason: string) => void told.push(`failed: ${reason}`),
    back: () => void told.push('back'),
  };
  const one = new Journal({ file: path, clock: systemClock() }, events);
  open.push(one);
  return one;
}

const nothing: SealedTurn = { turn: 0, entities: [], audit: [], outbox: [], settle: [] };
const row = (id: string, change: Partial<Incident> = {}) =>
  ['incidents', id, JSON.stringify({ ...incident(id), ...change })] as const;

/** A press as it is sealed: incident, count of the box, alarm. */
const press = (n: number, payload = `{"n":${n}}`): SealedTurn => ({
  ...nothing,
  turn: n,
  entities: [row(pressId(n)), ['inputs', 'desk', `{"id":"desk","total":${n}}`]],
  outbox: [{ id: pressId(n), seq: n, lane: 'alarm', payload }],
});
const siteRow = (nextSeq: number, strobe = 'auto') =>
  ['site', 'site', JSON.stringify({ id: 'site', nextSeq, strobe, siren: 'auto' })] as const;
const resolved = { role: 'platform', user: 'li', reason: 'x', note: null } as const;
const at = { bootId: 'boot-1', monoMs: 1, wallMs: 1, clock: 'good' } as const;
const ids = (rows: readonly EntityRow[]) => rows.map(([, id]) => id);

describe('what is held', () => {
  const snapshotOf = (held: Holdings, bytes = 60_000) => {
    const text = held.snapshot(bytes);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes);
    const snapshot = parseSnapshot(text);
    if (!snapshot) throw new Error(`no snapshot: ${text}`);
    return snapshot;
  };

  test('open incidents, unsent alarms, how far boxes have counted', () => {
    const held = new Holdings();
    expect(held.note(press(1), true)).toBe('alarm');
    expect(held.note(press(2), true)).toBe('alarm');
    const progress = { ...nothing, turn: 3, settle: [pressId(1)] };
    expect(snapshotOf(held)).toMatchObject({ turn: 2, missing: 0, chain: genesis });
    expect(held.note(progress, true)).toBe('progress');
    const { entities, alarms } = snapshotOf(held);
    expect(ids(entities)).toEqual(['desk', pressId(1), pressId(2)]);
    expect(alarms.map(({ id }) => id)).toEqual([pressId(2)]);
  });

  // Found by the storm: it was in the database alone, and the light was on again when that was lost.
  test('a word on the light, until a press takes it back', () => {
    const held = new Holdings();
    const site = (n: number, strobe: string) => ({
      ...nothing,
      turn: n,
      entities: [siteRow(n, strobe)],
    });
    held.note(press(1), true);
    expect(held.note(site(2, 'off'), true)).toBe('progress');
    expect(held.note(site(3, 'off'), true)).toBe('none');
    expect(held.note({ ...press(4), entities: [siteRow(4)] }, true)).toBe('alarm');
    expect(held.note(site(5, 'auto'), true)).toBe('none');
    expect(held.note(site(6, 'off'), true)).toBe('progress');
    expect(snapshotOf(held).entities).toContainEqual([...siteRow(6, 'off')]);
  });

  test('telemetry and faults are nothing to it, but their turn and number are taken along', () => {
    const held = new Holdings();
    const event = { id: 'e', seq: 9, lane: 'event', payload: '' } as const;
    const site = siteRow(10);
    expect(held.note({ ...nothing, turn: 7, entities: [site], outbox: [event] }, true)).toBe(
      'none',
    );
    expect(snapshotOf(held)).toMatchObject({ turn: 7, entities: [site], alarms: [] });
  });

  test('a resolved incident leaves when the database has that, not before', () => {
    const held = new Holdings();
    held.note(press(1), true);
    const end = {
      ...nothing,
      turn: 2,
      entities: [row(pressId(1), { resolved: { ...resolved, at } })],
    };
    held.note(end, false);
    expect(ids(snapshotOf(held).entities)).toContain(pressId(1));
    held.durable();
    expect(ids(snapshotOf(held).entities)).toEqual(['desk']);
  });

  test('what does not fit is counted: repeats go first, then alarms, incidents last', () => {
    const held = new Holdings();
    for (let n = 1; n <= 40; n++) {
      held.note(press(n, 'x'.repeat(1000)), true);
      const repeat = { id: `repeat-${n}`, seq: 100 + n, lane: 'alarm', payload: 'y' } as const;
      held.note({ ...nothing, turn: n, outbox: [repeat] }, true);
    }
    const { entities, alarms, missing } = snapshotOf(held, 40_000);
    expect(entities).toHaveLength(41);
    expect(alarms[0]?.id).toBe(pressId(1));
    expect(alarms.filter(({ id }) => id.startsWith('repeat'))).toEqual([]);
    expect(missing).toBe(41 + 80 - entities.length - alarms.length);
    expect(missing).toBeGreaterThan(40);
  });
});

describe('the file', () => {
  const written = async (turns: readonly SealedTurn[]) => {
    const one = journal();
    one.read();
    for (const turn of turns) one.note(turn, true);
    expect(await one.close(1000)).toBe(true);
  };

  test('has its full size from the first write, and never another', async () => {
    await written([press(1)]);
    expect(statSync(file).size).toBe(2 * halfBytes);
    for (let n = 2; n < 9; n++) await written([press(n)]);
    expect(statSync(file).size).toBe(2 * halfBytes);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(journal().read()).toMatchObject({ turn: 8 });
  });

  test('what the database does not have is on disk within moments', async () => {
    const one = journal();
    one.note(press(1), false);
    await until(() => journal().read()?.turn === 1, { withinMs: 2000, what: 'the journal' });
  });

  test('a torn write costs the newest state and no more', async () => {
    await written([press(1)]);
    await written([press(2)]);
    const newest = journal().read();
    expect(newest?.turn).toBe(2);
    const bytes = readFileSync(file);
    const half = bytes.readBigUInt64BE(8) > bytes.readBigUInt64BE(halfBytes + 8) ? 0 : halfBytes;
    for (const from of [0, 5, 17, 40, 300]) {
      const torn = Buffer.from(bytes);
      torn.fill(0xa5, half + from, half + from + 3);
      writeFileSync(file, torn);
      expect(journal().read()?.turn, `bytes from ${from}`).toBe(1);
    }
    // The next write takes the torn half, not the good one.
    const one = journal();
    one.read();
    one.note(press(3), true);
    await one.close(1000);
    expect(journal().read()?.turn).toBe(3);
  });

  test.each([
    ['absent', () => undefined],
    ['empty', () => writeFileSync(file, '')],
    ['of something else', () => writeFileSync(file, 'x'.repeat(300_000))],
    ['zeros', () => writeFileSync(file, Buffer.alloc(2 * halfBytes))],
  ])('%s: there is nothing in it, and it is written over', async (_, make) => {
    make();
    expect(journal().read()).toBeNull();
    await written([press(1)]);
    expect(journal().read()?.turn).toBe(1);
  });

  test('cut short: the half that is whole is read', async () => {
    await written([press(1)]);
    await written([press(2)]);
    truncateSync(file, halfBytes + 30);
    expect([1, 2, undefined]).toContain(journal().read()?.turn);
    await written([press(3)]);
    expect(journal().read()?.turn).toBe(3);
  });

  test('a place where it cannot be written is told once, and harms nobody', async () => {
    told.length = 0;
    const one = journal(join(dir.path, 'absent', journalFile));
    expect(one.read()).toBeNull();
    one.note(press(1), true);
    await until(() => told.length > 0, { withinMs: 2000, what: 'the fault' });
    one.note(press(2), false);
    await one.close(1000);
    expect(told).toEqual([expect.stringMatching(/^failed: ENOENT/)]);
  });
});
