// Power cuts without a VM: the project's own store writes presses to a lossy disk of this host, and at
// a random moment nothing reaches the disk any more. What the store had confirmed must be there when
// the disk is mounted again. With `nobarrier` no flush reaches the disk: that control must lose.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type Chance, chanceOf } from '#test/e2e/support/random.ts';
import { until, within } from '#test/support/wait.ts';
import { LossyMount, makeImage, withMounted } from '../disk/mounted.ts';
import { type Found, inspect } from './store.ts';

export interface FastSetup {
  readonly dir: string;
  readonly cuts: number;
  /** Of the file system on the lossy disk, as `mount -o` takes them. */
  readonly options: string;
  readonly seed: number;
  readonly told: (line: string) => void;
}

export interface FastFigures {
  readonly cuts: number;
  readonly confirmed: number;
  readonly lostPresses: number;
  /** Cuts after which a press was missing or anything else was wrong. */
  readonly badCuts: number;
  /** Cuts at which the disk had something to lose. */
  readonly dirtyCuts: number;
}

/** A fresh file system each so many cuts, before the records fill it. */
const cutsEach = 25;
const imageMb = 96;
const runMsMax = 400;
/** Some four commits. */
const requestsMax = 24;

export async function cutFast(setup: FastSetup): Promise<FastFigures> {
  const { dir, cuts, told, seed } = setup;
  const chance = chanceOf(seed);
  const image = join(dir, 'image');
  mkdirSync(dir, { recursive: true });
  const figures = { cuts: 0, confirmed: 0, lostPresses: 0, badCuts: 0, dirtyCuts: 0 };
  let last = 0;
  while (figures.cuts < cuts) {
    if (figures.cuts % cutsEach === 0 || last < 0) {
      await makeImage(image, imageMb);
      last = 0;
    }
    const { confirmed, tried, cut, said } = await runAndCut({ ...setup, image, chance });
    const due = Math.max(last, confirmed);
    const found = await afterCut(image, dir, due, tried);
    figures.cuts++;
    figures.confirmed += Math.max(0, confirmed - last);
    figures.lostPresses += found.lost;
    if (cut.unflushed > 0) figures.dirtyCuts++;
    if (found.lost > 0 || found.wrong.length > 0 || said.length > 0) {
      figures.badCuts++;
      told(`cut ${figures.cuts} (seed ${seed}): ${JSON.stringify({ due, ...found, said, cut })}`);
      // What is broken says nothing about the next cut.
      last = -1;
    } else last = found.last;
  }
  return figures;
}

async function runAndCut(where: FastSetup & { image: string; chance: Chance }) {
  const { dir, image, options, chance } = where;
  const mount = new LossyMount({
    ...{ dir: join(dir, 'disk'), image, options, random: chance.next },
    lose: chance.pick(['all', 'random']),
    sectorBytes: chance.pick([512, 4096]),
  });
  await mount.open();
  const writer = new Writer(join(mount.path, 'data'));
  // Now and then in the middle of the start.
  if (chance.onceIn(6)) await pause(chance.next() * 1000);
  else {
    await writer.confirming();
    await pause(chance.next() * runMsMax);
  }
  // Stopped, it confirms nothing after the cut, and what it has in flight is cut in the middle.
  const requests = Math.floor(chance.next() * requestsMax);
  const cut = await mount.cutAfter(requests, () => writer.stop());
  const said = await writer.end();
  await mount.close();
  return { ...said, cut };
}

/** A file system that cannot even be mounted has lost everything. */
async function afterCut(image: string, dir: string, due: number, tried: number): Promise<Found> {
  try {
    return await withMounted(image, dir, (mounted) => inspect(join(mounted, 'data'), due, tried));
  } catch (error) {
    return { last: 0, lost: due, wrong: [String(error).slice(0, 300)] };
  }
}

class Writer {
  readonly #child;
  readonly #closed;
  readonly #said: string[] = [];
  #confirmed = 0;
  #tried = 0;

  constructor(dir: string) {
    const script = join(import.meta.dirname, 'writer.ts');
    this.#child = spawn(process.execPath, [script, dir], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#closed = once(this.#child, 'close');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      if (/^\d+$/.test(line)) this.#confirmed = Number(line);
      else if (/^\? \d+$/.test(line)) this.#tried = Number(line.slice(2));
      else this.#said.push(line);
    });
    createInterface({ input: this.#child.stderr }).on('line', (line) => this.#said.push(line));
  }

  async confirming(): Promise<void> {
    await until(() => this.#confirmed > 0 || this.#child.exitCode !== null, {
      withinMs: 180_000,
      what: `a confirmed press; the writer said ${this.#said}`,
    });
  }

  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  async end() {
    this.#child.kill('SIGKILL');
    await within(this.#closed, { withinMs: 20_000, what: 'the end of the writer' });
    return { confirmed: this.#confirmed, tried: this.#tried, said: this.#said };
  }
}
