// SIGKILL at random moments while a clip is written, and what is left of each: cut, told, whole but for one
// group at most, played by a browser, clean to ffprobe.

import { expect } from 'vitest';
import { systemClock } from '#agent/system/clock.ts';
import { probe } from '#test/clip/pictures.ts';
import { until } from '#test/support/wait.ts';
import type { ClipRig } from './clips.ts';
import type { Player } from './player.ts';

export interface KillsTally {
  kills: number;
  /** Longest time before a kill of which there is nothing, milliseconds. */
  lackedMsMax: number;
  /** Groups that were on the disk and not told yet. */
  untold: number;
}

const wait = { withinMs: 60_000 };
/** What a picture takes from the dome's clock to the ring, on a busy machine. */
const onItsWayMs = 1_000;

/** @param chance A number in [0, 1), each time another. */
export async function killRounds(
  { clip, player, groupMs }: { clip: ClipRig; player: Player; groupMs: number },
  rounds: number,
  chance: () => number,
): Promise<KillsTally> {
  const tally: KillsTally = { kills: 0, lackedMsMax: 0, untold: 0 };
  const clock = systemClock();
  for (let round = 1; round <= rounds; round++) {
    const file = `kill${round}-1.mp4`;
    const written = () => clip.fragments.filter((one) => one.file === file);
    clip.press(`kill${round}`, 0);
    await until(() => written().length > 0, { ...wait, what: 'the first group' });
    await new Promise<void>((done) => clock.after(chance() * 2 * groupMs, done));
    const told = written().length;
    const killedMs = clock.now().monoMs;
    await clip.kill();
    await until(() => clip.files().includes(file), { ...wait, what: file });
    const stored = clip.of('evidence.stored').find((said) => said.file === file);
    const startMs = written()[0]?.monoMs ?? Number.NaN;
    const lackedMs = killedMs - (startMs + (stored?.lengthMs ?? 0));
    expect(stored, file).toMatchObject({ mended: true, sha256: clip.onDisk(file).sha256 });
    expect(stored?.fragments, file).toBeGreaterThanOrEqual(told);
    expect(lackedMs, file).toBeLessThan(groupMs + onItsWayMs);
    const probed = probe(clip.opened(file));
    expect(probed.complaints, file).toBe('');
    const { error, seconds } = await player.play(clip.opened(file));
    expect(error, file).toBeNull();
    expect(seconds, file).toBeGreaterThan(probed.seconds - 0.2);
    tally.kills++;
    tally.lackedMsMax = Math.max(tally.lackedMsMax, Math.round(lackedMs));
    tally.untold += (stored?.fragments ?? 0) - told;
  }
  return tally;
}
