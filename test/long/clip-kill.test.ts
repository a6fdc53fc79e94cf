// Fifty SIGKILLs of the live process at random moments while it writes a clip. KILLS takes another number,
// E2E_SEED the seed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDome } from '#agent/sim/dome/dome.ts';
import { chanceOf, seedOfRun } from '#test/e2e/support/random.ts';
import { killRounds } from '#test/live/clip-kills.ts';
import { ClipRig } from '#test/live/clips.ts';
import { Player } from '#test/live/player.ts';
import { sourceOf } from '#test/live/rig.ts';

const kills = Number(process.env.KILLS ?? 50);
const gopSeconds = 2;

test(`${kills} kills: every file plays, is clean, and lacks one group at most`, async () => {
  const chance = chanceOf(seedOfRun());
  const main = { width: 320, height: 180, kbps: 300, gopSeconds } as const;
  const dome = await startDome({ video: { main } });
  const dir = mkdtempSync(join(tmpdir(), 'gate-clip-kill-'));
  const clip = new ClipRig(join(dir, 'clips'));
  const player = await Player.open();
  try {
    await clip.open(sourceOf(dome.rtspUrl('main')));
    const on = { clip, player, groupMs: gopSeconds * 1000 };
    const tally = await killRounds(on, kills, () => chance.next());
    console.log(`clip-kill: ${JSON.stringify({ seed: chance.seed, ...tally })}`);
    expect(tally.kills).toBe(kills);
  } finally {
    await player.close();
    await clip.live.close();
    await dome.close();
    rmSync(dir, { recursive: true, force: true });
  }
}, 3_600_000);
