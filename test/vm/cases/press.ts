// From the button box on the 16550 line to the platform's receipt and back to the lamp; bounce; the
// dome's strobe; resolution.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { median, percentile } from '#test/bench/stats.ts';
import type { GateRoom } from '../room/room.ts';

const presses = 20;

export async function press(room: GateRoom) {
  const { outside } = room;
  const receiptMs: number[] = [];
  for (let n = 1; n <= presses; n++) {
    const from = outside.box.history.length;
    const told = outside.raised.length;
    const beganMs = performance.now();
    if (n % 2 === 0) outside.press('desk');
    else await outside.box.bounce(1);
    await room.until('the alarm at the platform', () => outside.raised.length > told);
    receiptMs.push(performance.now() - beganMs);
    await room.until('a lamp that says received', () => outside.word === 'received');
    const words = outside.wordsSince(from);
    assert.equal(words[0], 'stored', `the lamp said ${words}`);
    await room.until('the strobe', () => outside.dome.actuators.strobe);
    await outside.release('desk');
    await outside.resolveAll();
    await room.until('a dark dome', () => !outside.dome.actuators.strobe);
    assert.equal(outside.raised.length, told + 1, 'one press is one alarm');
    // A press within the debounce of the one before would be the same press.
    await pause(100);
  }
  return {
    vm_serial_presses: presses,
    vm_serial_to_platform_p50_ms: Math.round(median(receiptMs)),
    vm_serial_to_platform_max_ms: Math.round(percentile(receiptMs, 100)),
  };
}
