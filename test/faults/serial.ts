// The line to the button box breaks. The box counts its presses itself, so what a broken line did not
// carry is told by the first frame that gets through.

import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { rm, symlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { openPtyPair } from '#agent/sim/pty.ts';
import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';

/** The daemon looks twice a second, and at least every 5 s, for an adapter that is gone. */
const backWithinMs = 7_000;
const chunkBytes = 4096;
const chunkEveryMs = 20;

/** Pulls the adapter, presses, and waits until the terminal has noticed. */
async function unplugAndPress(scene: Scene): Promise<void> {
  await scene.start();
  await scene.room.box.unplug();
  await scene.press();
  await scene.told('box.desk.absent');
}

export const serialFaults: readonly Fault[] = [
  {
    name: 'serial/unplugged',
    what: 'the adapter is pulled, the button pressed, the adapter is back',
    expect: { tells: ['box.desk.absent'], afterWithinMs: backWithinMs, lamp: ['received'] },
    story: async (scene) => {
      await unplugAndPress(scene);
      scene.mended();
      await scene.room.box.replug();
    },
  },
  {
    name: 'serial/other-name',
    what: 'the same, but it comes back as another device; its name by id leads there',
    expect: { tells: ['box.desk.absent'], afterWithinMs: backWithinMs, lamp: ['received'] },
    story: async (scene) => {
      const byId = scene.room.box.path;
      const before = readlinkSync(byId);
      await unplugAndPress(scene);
      const inItsPlace = await openPtyPair(scene.house.dir, 'other');
      scene.atEnd(() => inItsPlace.kill());
      scene.mended();
      await scene.room.box.replug('ttyUSB1');
      const now = readlinkSync(scene.room.box.path);
      scene.house.check(`it was ${before} and is ${now}`, now !== before);
      await symlink(scene.room.box.path, byId);
      scene.atEnd(() => rm(byId));
    },
  },
  {
    name: 'serial/garbage',
    what: '1 MB of garbage on the line within 5 s, a press in the middle of it',
    expect: { alarmWithinMs: 2_000, tells: ['box.desk.garbled'], lamp: ['stored', 'received'] },
    story: async (scene) => {
      await scene.start();
      for (let sent = 0; sent < 2 ** 20; sent += chunkBytes) {
        await scene.room.box.raw(randomBytes(chunkBytes));
        if (sent === 2 ** 19) await scene.press();
        await pause(chunkEveryMs);
      }
    },
  },
  {
    name: 'serial/chatter',
    what: 'the contact chatters at up to 1 kHz for 3,000 edges: one press',
    expect: { alarmWithinMs: 500, strobeWithinMs: 500, lamp: ['stored', 'received'] },
    story: async (scene) => {
      await scene.start();
      const { number } = scene.hold();
      await scene.room.box.bounce(number, 1_500);
      scene.room.box.release(number);
      await scene.room.box.quiet(number);
    },
  },
  {
    name: 'serial/hangs',
    what: 'the box is silent for 5 s, the button pressed meanwhile',
    expect: { tells: ['box.desk.silent'], afterWithinMs: 1_500, lamp: ['stored', 'received'] },
    story: async (scene) => {
      await scene.start();
      scene.room.box.hang(true);
      await scene.press();
      await pause(5_000);
      scene.mended();
      scene.room.box.hang(false);
    },
  },
  {
    name: 'serial/box-power',
    what: 'the box loses power and its counts while the daemon is dead, then is pressed',
    expect: { afterWithinMs: 5_000, lamp: ['stored', 'received'] },
    story: async (scene) => {
      await scene.start();
      await scene.press(1);
      await scene.press(2);
      await scene.settled();
      await scene.kill();
      scene.room.box.powerOff();
      scene.room.box.powerOn();
      await scene.press(1);
      scene.mended();
      await scene.start();
    },
  },
  {
    name: 'serial/held',
    what: 'the button is down when the daemon starts for the first time',
    expect: { lamp: ['stored', 'received'] },
    story: async (scene) => {
      const { number } = scene.hold();
      scene.mended();
      await scene.start();
      scene.room.box.release(number);
    },
  },
];
