// SIGKILL while the time before a press is being written, all of it at once: what is left of the file is
// cut to whole groups, lacks of what was written one at most, plays, and the next file of the case goes
// on.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'vitest';
import { systemClock } from '#agent/system/clock.ts';
import { probe } from '#test/clip/pictures.ts';
import { until } from '#test/support/wait.ts';
import type { ClipRig } from './clips.ts';
import type { Player } from './player.ts';

export interface FlushTally {
  kills: number;
  /** Killed before the recorder had told anything of the file. */
  untold: number;
  /** Cut off, bytes. */
  cutBytesMax: number;
  /** Groups that were whole, fewest. */
  groupsMin: number;
}

const wait = { withinMs: 60_000 };

export interface FlushKills {
  readonly clip: ClipRig;
  readonly player: Player;
  /** Of the stream, at most. */
  readonly groupBytesMax: number;
  /** Before each press, milliseconds. */
  readonly fillMs: number;
  /** Of the time before the press. */
  readonly beforeMs: number;
  /** Called with each press, and when the process has been killed. */
  readonly pressed?: () => void;
  readonly killed?: () => void;
}

/** @param chance A number in [0, 1), each time another. */
export async function flushRounds(
  { clip, player, fillMs, beforeMs, groupBytesMax, ...on }: FlushKills,
  rounds: number,
  chance: () => number,
): Promise<FlushTally> {
  const tally = { kills: 0, untold: 0, cutBytesMax: 0, groupsMin: Number.POSITIVE_INFINITY };
  const clock = systemClock();
  for (let round = 1; round <= rounds; round++) {
    const [id, file] = [`flush${round}`, `flush${round}-1.mp4`];
    await until(() => clip.live.fault === null, { ...wait, what: 'the picture' });
    await new Promise<void>((done) => clock.after(fillMs, done));
    on.pressed?.();
    clip.press(id, beforeMs);
    const written = `${clip.path(file)}.part`;
    const bytes = await stoppedIn(clip, { written, groupBytesMax, afterMs: 4 * chance() });
    const told = clip.fragments.filter((one) => one.file === file).length;
    on.killed?.();
    await clip.kill();
    await until(() => clip.files().includes(file), { ...wait, what: file });
    const stored = clip.of('evidence.stored').find((said) => said.file === file);
    expect(stored, file).toMatchObject({ mended: true, sha256: clip.onDisk(file).sha256 });
    const cutBytes = bytes - (stored?.bytes ?? 0);
    expect(cutBytes, file).toBeGreaterThanOrEqual(0);
    expect(cutBytes, file).toBeLessThan(groupBytesMax);
    const probed = probe(clip.opened(file));
    expect(probed.complaints, file).toBe('');
    expect((await player.play(clip.opened(file))).error, file).toBeNull();
    const next = () => clip.fragments.some((one) => one.file === `flush${round}-2.mp4`);
    await until(next, { ...wait, what: 'the next file of the case' });
    await clip.resolve(`flush${round}-2.mp4`);
    tally.kills++;
    tally.untold += told === 0 ? 1 : 0;
    tally.cutBytesMax = Math.max(tally.cutBytesMax, cutBytes);
    tally.groupsMin = Math.min(tally.groupsMin, stored?.fragments ?? 0);
  }
  return tally;
}

/** Stops the process so long after its first group is there. Returns the length of its file. */
async function stoppedIn(
  { live: { pid } }: ClipRig,
  on: { readonly written: string; readonly groupBytesMax: number; readonly afterMs: number },
): Promise<number> {
  const length = () => (existsSync(on.written) ? statSync(on.written).size : 0);
  const endMs = performance.now() + wait.withinMs;
  // All of it is written within milliseconds: nothing but looking all the time is quick enough.
  while (length() < on.groupBytesMax) {
    if (performance.now() > endMs) throw new Error('nothing was written');
    await turn();
  }
  const fromMs = performance.now();
  while (performance.now() - fromMs < on.afterMs) await turn();
  process.kill(pid, 'SIGSTOP');
  const isStopped = () => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') T ');
  await until(isStopped, { ...wait, what: 'it to stand' });
  return length();
}
