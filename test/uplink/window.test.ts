// How much may be in flight.

import { describe, expect, it } from 'vitest';
import { birthWithinMs, changeDelayMs, Presence } from '#agent/uplink/presence.ts';
import { reservedCount, Window, windowBytesMax, windowCountMax } from '#agent/uplink/window.ts';
import { status } from './rows.ts';

function fill(window: Window<{ bytes: number; sentMs: number }>, urgent: boolean, bytes: number) {
  let count = 0;
  for (; window.fits(urgent, bytes); count += 1) window.add({ bytes, sentMs: count });
  return count;
}

describe('window', () => {
  it.each([
    // receive maximum, urgent, bytes each, how many fit
    [65_535, true, 10, windowCountMax],
    [65_535, false, 10, windowCountMax - reservedCount],
    [3, true, 10, 3],
    [3, false, 10, 1],
    [1, false, 10, 1],
    [65_535, true, 1000, 4],
    [65_535, false, 1000, 3],
    [65_535, false, windowBytesMax * 2, 1],
  ])('Receive Maximum %i, urgent %s, %i bytes: %i', (receiveMaximum, urgent, bytes, expected) => {
    const window = new Window();
    window.open(receiveMaximum);
    expect(fill(window, urgent, bytes)).toBe(expected);
  });

  it('keeps room for an alarm behind a full load of telemetry', () => {
    const window = new Window();
    window.open(16);
    fill(window, false, 300);
    expect(window.fits(true, 900)).toBe(true);
  });

  it('knows the oldest', () => {
    const window = new Window<{ bytes: number; sentMs: number }>();
    const [first, second] = [
      { bytes: 1, sentMs: 1 },
      { bytes: 1, sentMs: 2 },
    ];
    window.add(first);
    window.add(second);
    expect(window.oldest).toBe(first);
    window.done(first);
    window.done(first);
    expect(window.oldest).toBe(second);
    expect(window.bytes).toBe(1);
  });
});

describe('presence', () => {
  it('tells birth at once when all is quiet, 2 s after the connect at the latest', () => {
    const presence = new Presence();
    presence.want(status, 0);
    presence.up(1000);
    expect(presence.dueMs(true)).toBe(1000);
    expect(presence.dueMs(false)).toBe(1000 + birthWithinMs);
    expect(presence.gateOpen(1000)).toBe(false);
    presence.sent(0);
    expect(presence.gateOpen(1000)).toBe(true);
  });

  it('tells a change once, a little later, and not while birth is on its way', () => {
    const presence = new Presence();
    presence.want(status, 0);
    presence.up(0);
    presence.sent(0);
    presence.want({ ...status, version: '2' }, 100);
    expect(presence.dueMs(true)).toBe(Number.POSITIVE_INFINITY);
    presence.answered();
    presence.want({ ...status, version: '3' }, 150);
    expect(presence.dueMs(true)).toBe(100 + changeDelayMs);
    presence.want(status, 160);
    expect(presence.dueMs(true)).toBe(Number.POSITIVE_INFINITY);
  });
});
