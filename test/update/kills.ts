// Root's updater killed at a line of its trace, with all its children, and then run again: with and without a
// start of the machine in between.

import { expect } from 'vitest';
import { filesOf, Rig } from './rig.ts';

/** How many lines there are to be killed at: one whole run tells. */
export async function linesOfUpdate(): Promise<number> {
  const whole = await new Rig().open();
  try {
    whole.offer(whole.release());
    return await whole.run();
  } finally {
    await whole.close();
  }
}

/** Whatever it was doing, a complete version is there, and in the end the new one. */
export async function survivesKill(killAtLine: number, boots: boolean): Promise<void> {
  const rig = await new Rig().open();
  try {
    rig.offer(rig.release());
    await rig.run([], { killAtLine });
    expect(rig.filesOf(rig.current)).toEqual(filesOf(rig.current));
    if (boots) rig.boots();
    await rig.run();
    expect(rig.filesOf(rig.current)).toEqual(filesOf(rig.current));
    const { verdict } = rig.result;
    expect([rig.current, rig.running, verdict]).toEqual(['2.0.0', '2.0.0', 'applied']);
    expect([rig.versions, rig.isMarked]).toEqual([['1.0.0', '2.0.0'], false]);
  } finally {
    await rig.close();
  }
}
