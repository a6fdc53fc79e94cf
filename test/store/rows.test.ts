// Rows as they come from disk: what cannot be understood is listed, never dropped in silence.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { journalFile } from '#agent/store/journal.ts';
import type { EntityRow } from '#agent/store/protocol.ts';
import { loadRows } from '#agent/store/rows.ts';
import { incident, nothing, RecordingSink, readDatabase, smallStore, tempDir } from './support.ts';

const row = (table: string, id: string, body: unknown): EntityRow => [
  table,
  id,
  typeof body === 'string' ? body : JSON.stringify(body),
];

test.each([
  ['no JSON', 'a', '{"id":"a"', /not JSON/],
  ['a key is missing', 'a', { ...incident('a'), presses: undefined }, /presses/],
  ['a word that nobody knows', 'a', { ...incident('a'), kind: 'loud' }, /kind/],
  ['another id', 'b', incident('a'), /the row is b, its body a/],
  ['null', 'a', 'null', /object/],
])('unreadable: %s', (_, id, body, problem) => {
  const rows = [row('incidents', id, body), row('incidents', 'good', incident('good'))];
  const { durable, unreadable } = loadRows(rows);
  expect(Object.keys(durable.incidents)).toEqual(['good']);
  expect(unreadable).toEqual([
    { table: 'incidents', id, body: rows[0]?.[2], problem: expect.stringMatching(problem) },
  ]);
});

test('keys and tables of a later version are no damage', () => {
  const later = { ...incident('a'), clip: 'x' };
  const { durable, unreadable } = loadRows([
    row('incidents', 'a', later),
    row('leases', 'l', { id: 'l' }),
  ]);
  expect(durable.incidents).toEqual({ a: later });
  expect(unreadable).toEqual([]);
});

test('what a drill was is kept; a mark that nobody knows is an open case, and none is real', () => {
  const at = { bootId: 'b', monoMs: 1, wallMs: 2, clock: 'good' };
  const made = { at, was: 'drill', reason: 'held', message: 'm' };
  const window = {
    mark: 'drill',
    minutes: 15,
    siren: false,
    since: at,
    role: 'platform',
    user: 'p',
  };
  const site = { id: 'site', nextSeq: 1, strobe: 'auto', siren: 'auto', headTold: '', window };
  const { durable, unreadable } = loadRows([
    row('incidents', 'a', { ...incident('a'), mark: 'drill' }),
    row('incidents', 'b', { ...incident('b'), made }),
    row('incidents', 'c', incident('c')),
    row('incidents', 'd', { ...incident('d'), mark: 'party' }),
    row('site', 'site', site),
  ]);
  const { a, b, c } = durable.incidents;
  expect([a?.mark, b?.mark, b?.made, c?.mark]).toEqual(['drill', undefined, made, undefined]);
  expect(durable.site.site?.window).toEqual(window);
  expect(unreadable).toMatchObject([{ table: 'incidents', id: 'd' }]);
});

test('the store opens beside an unreadable row, tells it, and leaves it until that is on disk', async () => {
  const dir = tempDir();
  const first = smallStore(dir.path);
  first.open(new RecordingSink());
  first.commit({ ...nothing, entities: [{ table: 'incidents', id: 'a', body: incident('a') }] });
  await first.close();
  rmSync(join(dir.path, journalFile));
  readDatabase(dir.path, (db) => db.exec("update entity set body = 'rust' where id = 'a'"));
  const second = smallStore(dir.path);
  const sink = new RecordingSink();
  expect(second.open(sink).incidents).toEqual({});
  const told = { kind: 'record.unreadable', table: 'incidents', id: 'a', body: 'rust' };
  expect(sink.facts).toMatchObject([told]);
  await second.close();
  const body = readDatabase(dir.path, (db) => db.prepare('select body from entity').pluck().get());
  expect(body).toBe('rust');
  dir.remove();
});
