// Power cuts in an update, without a VM: root's updater puts one release after the other into place on a
// lossy disk of this host, and at a random request nothing reaches the disk any more. Mounted again,
// `current` must lead to a complete version, and the updater must end what it had begun. With `nobarrier` no
// flush reaches the disk: that control must lose.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Chance, chanceOf } from '#test/e2e/support/random.ts';
import { Rig } from '#test/update/rig.ts';
import { run } from '../command.ts';
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

const imageMb = 64;
/** A whole update takes about so long here. */
const runMsMax = 2_500;
const requestsMax = 8;
const cutsEach = 20;

interface Scene extends FastSetup {
  readonly image: string;
  readonly chance: Chance;
  /** Makes releases; its key is trusted. */
  readonly maker: Rig;
}

export async function cutUpdate(setup: FastSetup): Promise<UpdateCutFigures> {
  const { dir, cuts, told, seed } = setup;
  mkdirSync(dir, { recursive: true });
  const maker = await new Rig().open();
  const scene = { ...setup, image: join(dir, 'image'), chance: chanceOf(seed), maker };
  const figures = { cuts: 0, badCuts: 0, switched: 0, dirtyCuts: 0 };
  let isSound = false;
  try {
    while (figures.cuts < cuts) {
      if (!isSound || figures.cuts % cutsEach === 0) await makeImage(scene.image, imageMb);
      const { isSwitched, cut } = await updateAndCut(scene, `2.0.${figures.cuts}`);
      const wrong = await afterCut(scene);
      isSound = wrong === null;
      figures.cuts++;
      if (isSwitched) figures.switched++;
      if (cut.unflushed > 0) figures.dirtyCuts++;
      if (isSound) continue;
      figures.badCuts++;
      told(`cut ${figures.cuts} (seed ${seed}): ${JSON.stringify({ wrong, isSwitched, cut })}`);
    }
    return figures;
  } finally {
    await maker.close();
  }
}

async function updateAndCut(scene: Scene, version: string) {
  const { dir, image, options, chance, maker } = scene;
  const file = maker.release(version);
  const mount = new LossyMount({
    ...{ dir: join(dir, 'disk'), image, options, random: chance.next },
    lose: chance.pick(['all', 'random']),
    sectorBytes: chance.pick([512, 4096]),
  });
  await mount.open();
  try {
    return await on(mount.path, maker, async (rig) => {
      rig.offer(file);
      // Versions, key and offer are on the disk: the update alone is cut.
      await run(['sync', '-f', mount.path]);
      const ends = rig.run(['pause=0.1', 'watch=1']);
      await pause(chance.next() * runMsMax);
      const cut = await mount.cutAfter(Math.floor(chance.next() * requestsMax), () => rig.cut());
      rig.cut();
      await ends;
      return { cut, isSwitched: rig.asked.includes('update.health') };
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
async function afterCut({ image, dir, maker }: Scene): Promise<string | null> {
  const wrong = (rig: Rig) => (rig.isComplete ? null : `${rig.current} is not complete`);
  try {
    return await withMounted(image, dir, (mounted) =>
      on(mounted, maker, async (rig) => {
        const found = wrong(rig);
        if (found !== null) return found;
        rig.boots();
        await rig.run();
        return rig.isMarked ? 'the marker stays' : wrong(rig);
      }),
    );
  } catch (error) {
    return String(error).slice(0, 300);
  }
}
