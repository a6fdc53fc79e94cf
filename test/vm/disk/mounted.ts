// File systems of this host for the fast power cuts: an image on a lossy disk (lossy.ts -> nbdfuse ->
// loop device -> ext4), and after the cut the same image as the next boot finds it. Needs root, and a
// mount namespace of its own: one cloned meanwhile by somebody else would keep the disk mounted.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until, within } from '#test/support/wait.ts';
import { run } from '../command.ts';
import type { CutFigures, LossyOptions } from './lossy.ts';
import { ServedDisk } from './served.ts';

export async function makeImage(image: string, megabytes: number): Promise<void> {
  rmSync(image, { force: true });
  await run(['truncate', '-s', `${megabytes}M`, image]);
  await run(['mkfs.ext4', '-q', image]);
}

/** Mounts an image, as the next boot does: ext4 replays its journal. */
export async function withMounted<T>(
  image: string,
  dir: string,
  use: (mounted: string) => Promise<T>,
): Promise<T> {
  const mounted = join(dir, 'after');
  mkdirSync(mounted, { recursive: true });
  await run(['mount', '-o', 'loop', image, mounted]);
  try {
    return await use(mounted);
  } finally {
    await run(['umount', mounted]);
  }
}

export interface MountSetup extends LossyOptions {
  /** Of its own; removed by `close`. */
  readonly dir: string;
  /** As `mount -o` takes them. */
  readonly options: string;
}

export class LossyMount {
  /** Where the file system is. */
  readonly path: string;
  readonly #setup: MountSetup;
  readonly #disk: ServedDisk;
  readonly #fuse: string;
  #nbdfuse: ChildProcess | null = null;
  #loop = '';

  constructor(setup: MountSetup) {
    this.#setup = setup;
    this.path = join(setup.dir, 'mounted');
    this.#fuse = join(setup.dir, 'fuse');
    this.#disk = new ServedDisk(setup, join(setup.dir, 'nbd.sock'));
  }

  async open(): Promise<void> {
    const { dir, options } = this.#setup;
    for (const place of [this.path, this.#fuse]) mkdirSync(place, { recursive: true });
    const socket = join(dir, 'nbd.sock');
    await this.#disk.open();
    const file = join(this.#fuse, 'disk');
    this.#nbdfuse = spawn('nbdfuse', [file, '--unix', socket], { stdio: 'ignore' });
    await until(() => existsSync(file), { withinMs: 20_000, what: 'nbdfuse' });
    this.#loop = await run(['losetup', '-f', '--show', file]);
    await run(['mount', '-o', options, this.#loop, this.path]);
  }

  /** As `ServedDisk.cutAfter`. */
  cutAfter(requests: number, atCut: () => void): Promise<CutFigures> {
    return this.#disk.cutAfter(requests, atCut);
  }

  /** After the cut, when nobody uses the file system any more. */
  async close(): Promise<void> {
    // Who was killed may still wait for the disk; the loop device lets go a little later.
    await unmounted(this.path);
    await run(['losetup', '-d', this.#loop]);
    await unmounted(this.#fuse);
    const child = this.#nbdfuse;
    if (child && child.exitCode === null && child.signalCode === null)
      await within(once(child, 'exit'), { withinMs: 20_000, what: 'the end of nbdfuse' });
  }
}

const unmounted = (path: string): Promise<true> =>
  until(() => run(['umount', path]).then(() => true as const, busy), {
    withinMs: 60_000,
    what: `nobody on ${path}`,
  });

function busy(error: unknown): false {
  if (error instanceof Error && error.message.includes('busy')) return false;
  throw error;
}
