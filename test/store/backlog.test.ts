// What is kept while the disk does not answer, and what goes at the bound.

import { describe, expect, test } from 'vitest';
import { Backlog, charsOf, fold } from '#agent/store/backlog.ts';
import { extend, genesis, verifyChain } from '#agent/store/chain.ts';
import type { AuditRow, SealedTurn } from '#agent/store/protocol.ts';
import { moment, pressed } from './support.ts';

const chain: AuditRow[] = [];
for (let n = 1; n <= 200; n++) chain.push(extend(chain.at(-1) ?? genesis, moment(n), pressed(n)));

const turn = (n: number, more: Partial<SealedTurn> = {}): SealedTurn => ({
  turn: n,
  entities: [['inputs', 'desk', `{"n":${n}}`]],
  audit: chain.slice(n - 1, n),
  outbox: (['alarm', 'event', 'telemetry'] as const).map((lane, i) => {
    return { id: `${lane}-${n}`, seq: n * 3 + i, lane, payload: `payload ${n}` };
  }),
  settle: [],
  ...more,
});
const turns = Array.from({ length: 100 }, (_, i) => turn(i + 1));
const all = (backlog: Backlog) => {
  const seen: SealedTurn[] = [];
  while (backlog.turns > 0) {
    const batch = backlog.take();
    seen.push(...batch);
    backlog.confirm(batch.at(-1)?.turn ?? 0);
  }
  return seen;
};

describe('below the bound', () => {
  test('turns come out as they went in, and what is confirmed is gone', () => {
    const backlog = new Backlog();
    for (const one of turns) backlog.add(one);
    backlog.confirm(40);
    expect(backlog.turns).toBe(60);
    expect(backlog.rows).toBe(180);
    expect(all(backlog)).toEqual(turns.slice(40));
  });
});

describe('at the bound', () => {
  const halfMax = turns.reduce((sum, one) => sum + charsOf(one), 0) / 2;

  test('telemetry and bodies go, alarms and the chain stay', () => {
    const backlog = new Backlog(halfMax * 1.9);
    for (const one of turns) backlog.add(one);
    const kept = all(backlog);
    const rows = kept.flatMap(({ outbox }) => outbox);
    const alarms = rows.filter(({ lane }) => lane === 'alarm').map(({ id }) => id);
    expect(alarms).toEqual(turns.map(({ turn: n }) => `alarm-${n}`));
    expect(rows.some(({ lane }) => lane === 'event')).toBe(true);
    expect(kept.at(-1)?.turn).toBe(100);
    expect(kept.flatMap(({ entities }) => entities).at(-1)?.[2]).toBe('{"n":100}');
    expect(verifyChain(kept.flatMap(({ audit }) => audit))).toMatchObject({ ok: true, seq: 100 });
  });

  test('far beyond it only alarms stay, and the verifier names the gap', () => {
    const backlog = new Backlog(halfMax / 4);
    for (const one of turns) backlog.add(one);
    const kept = all(backlog);
    const rows = kept.flatMap(({ outbox }) => outbox);
    expect(rows.filter(({ lane }) => lane === 'alarm')).toHaveLength(100);
    expect(verifyChain(kept.flatMap(({ audit }) => audit))).toMatchObject({ ok: false });
  });

  test('what was posted and may be on disk keeps its number and content', () => {
    const backlog = new Backlog(halfMax / 4);
    for (const one of turns.slice(0, 3)) backlog.add(one);
    const batch = backlog.take();
    for (const one of turns.slice(3)) backlog.add(one);
    backlog.returned();
    expect(backlog.take().slice(0, 3)).toEqual(batch);
  });
});

test('a fold cancels a row that was settled in it, and keeps the word on others', () => {
  const folded = fold([turn(1), turn(2, { settle: ['alarm-1', 'older'] })]);
  expect(folded.outbox.map(({ id }) => id)).toEqual(['event-1', 'alarm-2', 'event-2']);
  expect(folded.settle).toEqual(['older']);
  expect(folded.turn).toBe(2);
});
