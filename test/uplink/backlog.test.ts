// Which row goes next, and when one goes again: tables without a broker and without a clock.

import { describe, expect, it } from 'vitest';
import type { Lane } from '#agent/core/message.ts';
import { Backlog, pageStallMs, unreceiptedMax } from '#agent/uplink/backlog.ts';
import { pageRows, readyRowsMax } from '#agent/uplink/lane.ts';
import { row, rowsOf } from './rows.ts';

const make = (receipts: 'platform' | 'none' = 'platform') =>
  new Backlog({ receipts, againAfterMs: 30_000, chance: () => 0 });

/** With empty outbox pages read: fresh rows are taken directly. */
function caughtUp(receipts?: 'platform' | 'none'): Backlog {
  const backlog = make(receipts);
  for (const { lane } of backlog.wantPages(0)) backlog.paged(lane, []);
  return backlog;
}

function send(backlog: Backlog, lane: Lane) {
  const held = backlog.next(lane);
  if (held) backlog.sent(held);
  return held;
}

const drain = (backlog: Backlog, lane: Lane): string[] => {
  const ids = [];
  for (let held = send(backlog, lane); held; held = send(backlog, lane)) ids.push(held.row.id);
  return ids;
};

describe('reading the outbox', () => {
  it('reads each lane from its start, page by page, and never a row twice', () => {
    const backlog = make();
    expect(backlog.wantPages(0)).toEqual(
      ['alarm', 'event', 'telemetry'].map((lane) => ({ lane, afterSeq: -1, limit: pageRows })),
    );
    expect(backlog.wantPages(0)).toEqual([]);
    backlog.paged('alarm', rowsOf('alarm', 1, pageRows));
    expect(backlog.wantPages(0)).toEqual([{ lane: 'alarm', afterSeq: pageRows, limit: pageRows }]);
    backlog.paged('alarm', rowsOf('alarm', pageRows, 3));
    expect(drain(backlog, 'alarm')).toHaveLength(pageRows + 2);
    expect(backlog.wantPages(0)).toEqual([]);
  });

  it('takes a fresh row directly once it has caught up', () => {
    const backlog = caughtUp();
    backlog.offer([row('alarm', 1)], true);
    expect(drain(backlog, 'alarm')).toEqual(['alarm-1']);
    expect(backlog.wantPages(0)).toEqual([]);
  });

  it('reads again when a row was committed while a page was on its way', () => {
    const backlog = make();
    backlog.wantPages(0);
    backlog.offer([row('alarm', 5)], true);
    backlog.paged('alarm', []);
    expect(backlog.wantPages(0)).toEqual([{ lane: 'alarm', afterSeq: -1, limit: pageRows }]);
  });

  it('leaves to the outbox what does not fit in memory', () => {
    const backlog = caughtUp();
    backlog.offer(rowsOf('alarm', 1, readyRowsMax + 10), true);
    expect(drain(backlog, 'alarm')).toHaveLength(readyRowsMax);
    expect(backlog.wantPages(0)).toMatchObject([{ lane: 'alarm', afterSeq: readyRowsMax }]);
  });

  it('sends rows that the disk does not have past a page that hangs', () => {
    const backlog = make();
    backlog.wantPages(0);
    backlog.offer([row('alarm', 9), row('event', 10)], false);
    expect(drain(backlog, 'alarm')).toEqual(['alarm-9']);
    expect(backlog.drained('alarm', pageStallMs - 1)).toBe(false);
    expect(backlog.drained('alarm', pageStallMs)).toBe(true);
    expect(drain(backlog, 'event')).toEqual(['event-10']);
  });

  // A survivor of the sabotage: rows that come in any other order were not looked at.
  it('sends what a page brings before the newer row that waits already', () => {
    const backlog = make();
    backlog.wantPages(0);
    backlog.offer([row('alarm', 9)], false);
    backlog.paged('alarm', [row('alarm', 3), row('alarm', 4)]);
    expect(drain(backlog, 'alarm')).toEqual(['alarm-3', 'alarm-4', 'alarm-9']);
  });

  it('sends again in order what came in another', () => {
    const backlog = make();
    backlog.wantPages(0);
    backlog.offer([row('alarm', 9)], false);
    backlog.paged('alarm', [row('alarm', 3)]);
    drain(backlog, 'alarm');
    backlog.reconnected();
    expect(drain(backlog, 'alarm')).toEqual(['alarm-3', 'alarm-9']);
  });

  it('does not take a row from a page that it holds already', () => {
    const backlog = make();
    backlog.wantPages(0);
    backlog.offer([row('alarm', 9)], false);
    backlog.paged('alarm', rowsOf('alarm', 8, 2));
    expect(drain(backlog, 'alarm')).toEqual(['alarm-8', 'alarm-9']);
  });

  it('tries a failed page again, and holds nothing up meanwhile', () => {
    const backlog = make();
    backlog.wantPages(0);
    backlog.pageFailed('alarm', 1000);
    expect(backlog.drained('alarm', 999)).toBe(true);
    expect(backlog.wantPages(999)).toEqual([]);
    expect(backlog.wantPages(1000)).toMatchObject([{ lane: 'alarm' }]);
  });
});

describe('receipts', () => {
  it('publishes again after 30 s, then at longer intervals up to 5 min, the same row', () => {
    const backlog = caughtUp();
    backlog.offer([row('alarm', 1)], true);
    const delays = [];
    let nowMs = 0;
    for (let n = 0; n < 6; n += 1) {
      const held = send(backlog, 'alarm');
      if (!held) throw new Error('nothing to send');
      backlog.answered(held, nowMs, 'taken');
      delays.push(backlog.againDueMs - nowMs);
      backlog.sweep(backlog.againDueMs - 1);
      expect(backlog.next('alarm')).toBeUndefined();
      nowMs = backlog.againDueMs;
      backlog.sweep(nowMs);
      expect(backlog.next('alarm')?.row.payload).toBe(row('alarm', 1).payload);
    }
    expect(delays).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
  });

  it('tries sooner where nobody was subscribed', () => {
    const backlog = caughtUp();
    backlog.offer([row('alarm', 1)], true);
    const held = send(backlog, 'alarm');
    if (held) backlog.answered(held, 0, 'nobody');
    expect(backlog.againDueMs).toBe(2_000);
  });

  it('publishes nothing again that has its receipt or is settled', () => {
    const backlog = caughtUp();
    backlog.offer(rowsOf('alarm', 1, 3), true);
    for (let held = send(backlog, 'alarm'); held; held = send(backlog, 'alarm'))
      backlog.answered(held, 0, 'taken');
    backlog.received(['alarm-1']);
    backlog.settled(['alarm-2']);
    backlog.reconnected();
    expect(drain(backlog, 'alarm')).toEqual(['alarm-3']);
  });

  it('takes a receipt that comes while the row waits to be sent again', () => {
    const backlog = caughtUp();
    backlog.offer(rowsOf('alarm', 1, 2), true);
    drain(backlog, 'alarm');
    backlog.reconnected();
    backlog.received(['alarm-1']);
    expect(drain(backlog, 'alarm')).toEqual(['alarm-2']);
  });

  it('sends again in order at a reconnect, before what is newer', () => {
    const backlog = caughtUp();
    backlog.offer(rowsOf('alarm', 1, 4), true);
    const first = send(backlog, 'alarm');
    if (first) backlog.answered(first, 0, 'taken');
    const second = send(backlog, 'alarm');
    if (second) backlog.lost(second);
    backlog.reconnected();
    expect(drain(backlog, 'alarm')).toEqual(['alarm-1', 'alarm-2', 'alarm-3', 'alarm-4']);
  });

  it('waits with events, never with alarms, when too many have no receipt', () => {
    const backlog = caughtUp();
    const { rows } = unreceiptedMax.other;
    backlog.offer(rowsOf('event', 1, rows + 1), true);
    expect(drain(backlog, 'event')).toHaveLength(rows);
    backlog.offer([row('alarm', rows + 2)], true);
    expect(drain(backlog, 'alarm')).toHaveLength(1);
    backlog.received(['event-1']);
    expect(drain(backlog, 'event')).toHaveLength(1);
  });

  it('is done at the PUBACK where there are none', () => {
    const backlog = caughtUp('none');
    backlog.offer([row('alarm', 1)], true);
    const held = send(backlog, 'alarm');
    if (held) backlog.answered(held, 0, 'taken');
    backlog.reconnected();
    expect(backlog.next('alarm')).toBeUndefined();
    expect(backlog.againDueMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('knows whether an alarm waits, and whether all were answered', () => {
    const backlog = caughtUp();
    expect(backlog.alarmWaiting).toBe(false);
    backlog.offer([row('alarm', 1)], true);
    expect(backlog.alarmWaiting).toBe(true);
    const held = send(backlog, 'alarm');
    expect(backlog.alarmsAnswered(0)).toBe(false);
    if (held) backlog.answered(held, 0, 'taken');
    expect(backlog.alarmsAnswered(0)).toBe(true);
    expect(backlog.alarmWaiting).toBe(true);
    backlog.settled(['alarm-1']);
    expect(backlog.alarmWaiting).toBe(false);
    expect(backlog.heldRows).toBe(0);
  });
});
