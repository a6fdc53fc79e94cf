// The daemon's process breaks. A press that the box has counted is told by whatever runs next, once.

import type { Fault } from './fault.ts';

export const processFaults: readonly Fault[] = [
  {
    name: 'process/sigkill',
    what: 'SIGKILL right after the press, started again',
    expect: { lamp: ['received'] },
    story: async (scene) => {
      await scene.start();
      await scene.press();
      await scene.kill();
      scene.mended();
      await scene.start();
    },
  },
];
