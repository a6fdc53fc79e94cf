// A USB serial dongle that is pulled and put back: told as a fault, the other box goes on, and a press
// made meanwhile arrives. The names under /dev/serial/by-id and the kernel's module come by udev.

import assert from 'node:assert/strict';
import { SimBox } from '#agent/sim/box.ts';
import type { GateRoom } from '../room/room.ts';

// Always in the same socket: its name is by that.
const plug = { driver: 'usb-serial', chardev: 'dongle', id: 'dongle', port: '1' };

export async function dongle(room: GateRoom, dir: string) {
  const { outside, machine } = room;
  const box = new SimBox({ dir, name: 'dongle', inputs: 1 });
  await box.open();
  try {
    const backend = { type: 'serial', data: { device: box.path } };
    await machine.qmp('chardev-add', { id: 'dongle', backend });
    await machine.qmp('device_add', plug);
    const path = await room.until('a name by udev', async () => {
      const { text, status } = await machine.ask('ls /dev/serial/by-id/*');
      return status === 0 && text;
    });
    const boxes = JSON.parse(outside.config()).boxes;
    const inputs = { 1: { id: 'usb', name: '门卫室按钮', kind: 'emergency' } };
    await room.configure(
      outside.config({ boxes: [...boxes, { id: 'usb', path, indicator: false, inputs }] }),
    );
    await room.settled();
    await alarm(room, 'usb', () => box.press(1));
    box.release(1);
    await outside.resolveAll();

    await machine.qmp('device_del', { id: 'dongle' });
    const pulledMs = performance.now();
    await faulty(room, true);
    const noticedMs = Math.round(performance.now() - pulledMs);
    await alarm(room, 'desk', () => outside.press('desk'));
    await outside.release('desk');
    await box.quiet(1);
    await box.tap(1);
    const told = count(room, 'usb');
    await machine.qmp('device_add', plug);
    await room.until('the press made meanwhile', () => count(room, 'usb') > told);
    await faulty(room, false);
    assert.equal(count(room, 'usb'), told + 1, 'one press is one alarm');
    await outside.resolveAll();
    await machine.qmp('device_del', { id: 'dongle' });
    await room.configure(outside.config());
    await room.settled();
    return { vm_dongle_noticed_ms: noticedMs };
  } finally {
    await box.close();
  }
}

const count = ({ outside }: GateRoom, input: string): number =>
  outside.raised.filter((raised) => raised.input === input).length;

async function alarm(room: GateRoom, input: string, press: () => void): Promise<void> {
  const before = count(room, input);
  press();
  await room.until(`an alarm of ${input}`, () => count(room, input) > before);
}

async function faulty(room: GateRoom, wanted: boolean): Promise<void> {
  await room.until(`the box ${wanted ? 'faulty' : 'well'}`, async () => {
    const faults = (await room.status())?.faults.map(({ fault }) => fault);
    return faults && faults.some((fault) => fault.startsWith('box.usb.')) === wanted;
  });
}
