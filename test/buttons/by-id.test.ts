// A path that udev keeps, /dev/serial/by-id: a link to whatever the kernel calls the adapter this time.
// The driver follows it, while it runs.

import { rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ButtonBox } from '#agent/buttons/box.ts';
import { SimBox } from '#agent/sim/box.ts';
import { systemClock } from '#agent/system/clock.ts';
import { boxRoom, until } from './support.ts';

type Room = Awaited<ReturnType<typeof boxRoom>>;
const rooms: Room[] = [];
afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

/** As udev does it: the name is never gone in between. */
const point = async (link: string, to: string): Promise<void> => {
  await symlink(to, `${link}.new`);
  await rename(`${link}.new`, link);
};
const byId = async () => {
  const room = await boxRoom();
  rooms.push(room);
  const link = join(room.dir, 'usb-gate_button-box-if00');
  await point(link, room.sim.path);
  const { sim, sink } = room;
  const setup = { id: 'desk', path: link, baud: 115_200, inputs: { 1: 'b1', 2: 'b2' } };
  const driver = new ButtonBox({ ...setup, clock: systemClock() });
  await driver.open(sink);
  sim.speak();
  await until(() => sink.contacts('b1').length === 1, 'level at start');
  return { sim, sink, link, driver };
};

test('pulled, and back under another name: found again, presses meanwhile and all', async () => {
  const { sim, sink, link, driver } = await byId();
  const before = sim.path;
  await sim.unplug();
  await rm(link);
  await until(() => sink.story('box.desk.absent').length === 1, 'absent');
  await sim.tap(1);
  await sim.replug('ttyUSB7');
  expect(sim.path).not.toBe(before);
  await point(link, sim.path);
  await until(() => sink.story('box.desk.absent').length === 2, 'back');
  await until(() => sink.total('b1') === 1, 'the press meanwhile');
  sim.press(2);
  await until(() => sink.total('b2') === 1, 'a press on the new line');
  await driver.close();
});

test('the link moves while the old line still stands: the driver moves with it', async () => {
  const { sim, sink, link, driver } = await byId();
  const other = new SimBox({ dir: dirname(link), name: 'other', inputs: 2 });
  await other.open();
  try {
    await point(link, other.path);
    await until(() => driver.figures().restarts === 1, 'the other box heard');
    other.press(1);
    await until(() => sink.contacts('b1').at(-1) === 'pressed', 'its press');
    const { frames } = driver.figures();
    sim.press(2);
    await sim.quiet(2);
    other.speak();
    await until(() => driver.figures().frames > frames, 'a frame after the press of the old one');
    expect(sink.contacts('b2')).not.toContain('pressed');
    expect(sink.story('box.desk.absent')).toEqual(['raised', 'cleared']);
  } finally {
    await driver.close();
    await other.close();
  }
});
