// The disk breaks under a terminal at work. Rule 2: the alarm goes out all the same, with a fault, and the
// lamp never says *stored* of what is not on disk.

import { setTimeout as pause } from 'node:timers/promises';
import { ballast } from './ballast.ts';
import type { Expected, Fault } from './fault.ts';
import type { Scene } from './scene.ts';
import { Volume } from './volume.ts';

/** Issue 4: a disk that hangs is no reason for a late alarm. */
const atOnce = { alarmWithinMs: 500, strobeWithinMs: 500 };
const unstored: Expected = {
  ...atOnce,
  ...{ tells: ['storage.failed'], lamp: ['received'], lampNever: ['stored'] },
};
const stored: Expected = { ...atOnce, lamp: ['stored', 'received'], lampNever: ['unstored'] };

/** A commit is given 200 ms, where the disk was well before it. */
const hanging: Expected = { ...unstored, strobeNotBeforeMs: 190 };

/** The disk takes everything again, and what was kept in memory is on it. */
async function recovered(scene: Scene): Promise<void> {
  const isWell = async () => !(await scene.faulty('storage.failed'));
  await scene.house.until('the storage fault to be over', isWell, 20_000);
}

export const diskFaults: readonly Fault[] = [
  {
    name: 'disk/fsync-5s',
    what: 'an fsync takes 5 s',
    preload: ['fsync'],
    expect: hanging,
    story: async (scene) => {
      await scene.start();
      await scene.settled();
      await scene.hangDisk(true);
      await scene.press();
      await pause(5_000);
      await scene.hangDisk(false);
      await recovered(scene);
    },
  },
  {
    name: 'disk/fsync-never',
    what: 'an fsync never returns; four alarms, then SIGKILL and a new start',
    preload: ['fsync'],
    // After the new start what was kept is on disk, and the lamp says so.
    expect: { ...atOnce, tells: ['storage.failed'], lamp: ['unstored'] },
    story: async (scene) => {
      await scene.start();
      await scene.hangDisk(true);
      for (let n = 0; n < 4; n++) {
        await scene.press();
        await scene.arrived();
      }
      await scene.kill();
      await scene.hangDisk(false);
      await scene.start();
    },
  },
  {
    name: 'disk/frozen',
    what: 'the file system is frozen for 3 s: every write waits in the kernel',
    needsRoot: true,
    expect: hanging,
    story: async (scene) => {
      const volume = await Volume.mount(scene, 128);
      await scene.start();
      await scene.settled();
      await volume.freeze();
      try {
        await scene.press();
        await pause(3_000);
      } finally {
        await volume.thaw();
      }
      await recovered(scene);
    },
  },
  {
    name: 'disk/full',
    what: 'a file system of 16 MB is filled to its last block at work, then has room again',
    needsRoot: true,
    // The first commits may find room in blocks that the WAL has already.
    expect: { ...atOnce, tells: ['storage.reserve', 'storage.failed'], lamp: ['received'] },
    story: async (scene) => {
      const volume = await Volume.mount(scene, 16);
      await scene.start();
      volume.fill();
      for (let n = 0; n < 5; n++) await scene.press();
      await scene.arrived();
      await volume.empty();
      await recovered(scene);
    },
  },
  {
    name: 'disk/full-reserved',
    what: 'the same where the database had got its room at creation',
    needsRoot: true,
    expect: stored,
    story: async (scene) => {
      const volume = await Volume.mount(scene, 48);
      await scene.configure({ data: { capMb: 16 } });
      await scene.start();
      volume.fill();
      for (let n = 0; n < 10; n++) await scene.press();
    },
  },
  {
    name: 'disk/read-only',
    what: 'ext4 goes read-only at work, as after an error of the device',
    needsRoot: true,
    expect: unstored,
    story: async (scene) => {
      const volume = await Volume.mount(scene, 128);
      await scene.start();
      await volume.break();
      await scene.press();
      await scene.press();
    },
  },
  {
    name: 'disk/page-cap',
    what: 'the database is at its page cap, and nothing in it may give way',
    expect: { ...atOnce, tells: ['storage.failed'], lamp: ['unstored', 'received'] },
    story: async (scene) => {
      await scene.configure({ data: { capMb: 16 } });
      await scene.start();
      const remove = ballast(scene.databaseFile, 16);
      for (let n = 0; n < 10; n++) await scene.press();
      await scene.arrived();
      remove();
      await recovered(scene);
    },
  },
];
