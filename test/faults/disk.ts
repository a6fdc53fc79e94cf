// The disk breaks. Rule 2: the alarm goes out all the same, with a fault, and the lamp never says
// *stored* of what is not on disk.

import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

export const diskFaults: readonly Fault[] = [
  {
    name: 'disk/fsync-5s',
    what: 'one fsync takes 5 s',
    preload: ['fsync'],
    expect: {
      ...{ alarmWithinMs: 500, strobeWithinMs: 500, tells: ['storage.failed'] },
      ...{ lamp: ['received'], lampNever: ['stored'] },
    },
    story: async (scene) => {
      await scene.start();
      await scene.hangDisk(true);
      await scene.press();
      await pause(5_000);
      await scene.hangDisk(false);
    },
  },
];
