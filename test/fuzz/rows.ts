// Rows as a bad disk gives them back: each is understood or listed as unreadable, none is dropped, and
// with what was understood the terminal starts, presses and all.

import fc from 'fast-check';
import { expect } from 'vitest';
import { initialState, tableNames } from '#agent/core/state.ts';
import type { EntityRow } from '#agent/store/protocol.ts';
import { loadRows } from '#agent/store/rows.ts';
import { Story } from '#test/core/story.ts';
import { fuzz } from './harness.ts';
import { nastyWord, nearlyRight } from './mutations.ts';

const lived = new Story()
  .press('desk')
  .press('quiet')
  .press('desk')
  .command({ verb: 'strobe-off' });
lived
  .command({ verb: 'take', incident: lived.of('desk').id })
  .press('reset')
  .press('nurse');
lived.command({ verb: 'resolve', incident: lived.of('nurse').id, reason: 'x', note: null });

const rightRows: readonly EntityRow[] = tableNames.flatMap((table) =>
  Object.entries(lived.state.durable[table]).map(
    ([id, body]): EntityRow => [table, id, JSON.stringify(body)],
  ),
);
const bodies = rightRows.flatMap(([, , body]) => body ?? []);
const pieces = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  'null',
  '-1',
  '1e308',
  '0.5',
  'true',
);
const body = fc.oneof(
  { weight: 4, arbitrary: nearlyRight(bodies, pieces) },
  { weight: 2, arbitrary: fc.constantFrom(...bodies) },
  { weight: 1, arbitrary: fc.json() },
);

const seldomNasty = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: nastyWord },
);

/** A row whose body says the id it stands under, or not. */
const row = fc
  .tuple(fc.constantFrom(...rightRows), body, seldomNasty, fc.boolean())
  .map(([[table, id], text, name, agree]): EntityRow => {
    const own = /^\{"id":"([^"]*)"/.exec(text)?.[1];
    const named =
      name === null ? text : text.replace(/^\{"id":"[^"]*"/, () => `{"id":${JSON.stringify(name)}`);
    return [table, name ?? (agree ? (own ?? id) : id), named];
  });

export const databaseRows = fuzz(
  'database rows',
  fc.array(row, { maxLength: 6 }),
  (rows) => {
    const unique = [...new Map(rows.map((one) => [`${one[0]}/${one[1]}`, one])).values()];
    const { durable, unreadable } = loadRows(unique);
    const understood = tableNames.flatMap((table) => Object.keys(durable[table]));
    expect(understood.length + unreadable.length).toBe(unique.length);
    const story = new Story();
    story.state = initialState(durable, story.state.live.setup);
    story.happens({ kind: 'terminal.started', version: '0.0.0' });
    story.contact('gate', 'normal', 0).press('gate').passes(1_000);
    expect(story.of('gate').presses).toBeGreaterThan(0);
    expect(story.wanted.lamp.word).not.toBe('ready');
  },
  [[['incidents', '__proto__', JSON.stringify({ ...lived.of('desk'), id: '__proto__' })]]],
);
