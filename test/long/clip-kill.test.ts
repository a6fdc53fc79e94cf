// SIGKILLs of the live process: twenty as the time before a press is written, fifty at random moments
// while it writes a clip. KILLS takes another number, E2E_SEED the seed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDome } from '#agent/sim/dome/dome.ts';
import { chanceOf, seedOfRun } from '#test/e2e/support/random.ts';
import { killRounds } from '#test/live/clip-kills.ts';
import { ClipRig } from '#test/live/clips.ts';
import { flushRounds } from '#test/live/flush-kills.ts';
import { Player } from '#test/live/player.ts';
import { sourceOf } from '#test/live/rig.ts';

const kills = Number(process.env.KILLS ?? 50);
const flushKills = Math.min(20, kills);
const gopSeconds = 2;

test(`${flushKills} kills while half a minute is written at once: the same`, async () => {
  const chance = chanceOf(seedOfRun());
  const main = { width: 640, height: 360, kbps: 2_000, gopSeconds: 1 } as const;
  const dome = await startDome({ video: { main } });
  const dir = mkdtempSync(join(tmpdir(), 'gate-clip-flush-'));
  const clip = new ClipRig(join(dir, 'clips'));
  const player = await Player.open();
  try {
    await clip.open(sourceOf(dome.rtspUrl('main')));
    const on = { clip, player, fillMs: 12_000, beforeMs: 30_000, groupBytesMax: 600_000 };
    const tally = await flushRounds(on, flushKills, () => chance.next());
    console.log(`clip-flush: ${JSON.stringify({ seed: chance.seed, ...tally })}`);
    expect(tally.kills).toBe(flushKills);
  } finally {
    await player.close();
    await clip.live.close();
    await dome.close();
    rmSync(dir, { recursive: true, force: true });
  }
}, 3_600_000);

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
