// Power cuts in an update, without a VM: root's updater puts one release after the other into place on a
// lossy disk of this host, and at a random request nothing reaches the disk any more. Mounted again,
// `current` must lead to a complete version, and the updater must end what it had begun. With `nobarrier` no
// flush reaches the disk: that control must lose.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type Chance, chanceOf } from '#test/e2e/support/random.ts';
import { within } from '#test/support/wait.ts';
import { Rig } from '#test/update/rig.ts';
import type { CutFigures } from '../disk/lossy.ts';
import { LossyMount, makeImage, withMounted } from '../disk/mounted.ts';
import type { FastSetup } from './fast.ts';

export interface UpdateCutFigures {
  readonly cuts: number;
  /** Cuts after which `current` did not lead to a complete version, or the update could not be ended. */
  readonly badCuts: number;
  /** Cuts between the switch and its verdict. */
  readonly switched: number;
  readonly dirtyCuts: number;
}

/** The updater wants 64 of them left. */
const imageMb = 128;
const requestsMax = 8;
const cutsEach = 20;

interface Scene extends FastSetup {
  readonly image: string;
  readonly chance: Chance;
  /** Makes releases; its key is trusted. */
  readonly maker: Rig;
  /** A whole update takes so long. */
  runMs: number;
}

export async function cutUpdate(setup: FastSetup): Promise<UpdateCutFigures> {
  const { dir, cuts, told, seed } = setup;
  mkdirSync(dir, { recursive: true });
  const maker = await new Rig().open();
  const image = join(dir, 'image');
  const scene: Scene = { ...setup, image, chance: chanceOf(seed), maker, runMs: 0 };
  const figures = { cuts: 0, badCuts: 0, switched: 0, dirtyCuts: 0 };
  let isSound = false;
  try {
    while (figures.cuts < cuts) {
      if (!isSound || figures.cuts % cutsEach === 0) {
        await makeImage(scene.image, imageMb);
        // One to its end: how long it takes here and now.
        scene.runMs = await update(scene, '1.9.0', async (ended) => {
          const beganMs = performance.now();
          await within(ended, { withinMs: 300_000, what: 'an update' });
          return performance.now() - beganMs;
        });
      }
      const cut = await updateAndCut(scene, `2.0.${figures.cuts}`);
      const { isSwitched, wrong } = cut
        ? await afterCut(scene, `2.0.${figures.cuts}`)
        : { isSwitched: false, wrong: 'the updater could not begin' };
      isSound = wrong === null;
      figures.cuts++;
      if (isSwitched) figures.switched++;
      if (cut && cut.unflushed > 0) figures.dirtyCuts++;
      if (isSound) continue;
      figures.badCuts++;
      told(`cut ${figures.cuts} (seed ${seed}): ${JSON.stringify({ wrong, isSwitched, cut })}`);
    }
    return figures;
  } finally {
    await maker.close();
  }
}

/** Null: the disk was broken before. */
const updateAndCut = (scene: Scene, version: string): Promise<CutFigures | null> =>
  update(scene, version, async (ended, mount, kill) => {
    const { chance, runMs } = scene;
    await pause(chance.next() * runMs);
    const cut = await mount.cutAfter(Math.floor(chance.next() * requestsMax), kill);
    await within(ended, { withinMs: 60_000, what: 'the end of the updater' });
    return cut;
  }).catch((error: unknown) => {
    if (error instanceof NotBegun) return null;
    throw error;
  });

class NotBegun extends Error {}

/** The updater at work, in another process: this one serves its disk. */
async function update<T>(
  { dir, image, options, chance, maker }: Scene,
  version: string,
  use: (ended: Promise<unknown>, mount: LossyMount, kill: () => void) => Promise<T>,
): Promise<T> {
  const key = join(maker.root, 'etc/gate-agent/release.pub');
  const file = maker.release(version);
  const mount = new LossyMount({
    ...{ dir: join(dir, 'disk'), image, options, random: chance.next },
    lose: chance.pick(['all', 'random']),
    // With 512 the superblock of ext4 could be torn, which no fsck looks at here, and which is not ours.
    sectorBytes: 4096,
  });
  await mount.open();
  try {
    const script = join(import.meta.dirname, 'updating.ts');
    const child = spawn(process.execPath, [script, mount.path, key, file], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(child, 'close');
    const line = once(createInterface({ input: child.stdout }), 'line');
    const [group] = await Promise.race([line, ended]);
    if (!/^\d+$/.test(String(group)) || child.exitCode !== null) throw new NotBegun();
    return await use(ended, mount, () => {
      // Over by now, where it was quick: then nobody is there.
      spawnSync('kill', ['-KILL', '--', `-${group}`]);
      child.kill('SIGKILL');
    });
  } finally {
    await mount.close();
  }
}

async function on<T>(root: string, { key }: Rig, use: (rig: Rig) => Promise<T>): Promise<T> {
  const rig = await new Rig(root).open();
  try {
    rig.trust(key.publicKey);
    return await use(rig);
  } finally {
    await rig.ends();
  }
}

/** What is wrong; null: nothing. */
async function afterCut({ image, dir, maker }: Scene, offered: string) {
  try {
    return await withMounted(image, dir, (mounted) =>
      on(mounted, maker, async (rig) => {
        const isSwitched = rig.isMarked;
        if (!rig.isComplete) return { isSwitched, wrong: `${rig.current} is not complete` };
        rig.boots();
        await rig.run();
        // The offer was on the disk, so it must be there in the end.
        const { current, isComplete, isMarked, result } = rig;
        const isWell = current === offered && isComplete && !isMarked;
        return { isSwitched, wrong: isWell ? null : `${current}: ${JSON.stringify(result)}` };
      }),
    );
  } catch (error) {
    return { isSwitched: false, wrong: String(error).slice(0, 300) };
  }
}
