// A small ext4 on a loop device as the terminal's data directory: filled, broken, frozen. Mounts are made
// in the mount namespace that scripts/faults opens, so that none outlives it.

import { execFile } from 'node:child_process';
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Scene } from './scene.ts';

const run = promisify(execFile);
const withinMs = 15_000;

export class Volume {
  readonly #dir: string;
  readonly #image: string;

  private constructor(dir: string, image: string) {
    this.#dir = dir;
    this.#image = image;
  }

  /** The data directory of the scene's daemon, which must not run yet. Needs root. */
  static async mount(scene: Scene, megabytes: number): Promise<Volume> {
    const image = join(scene.house.dir, 'volume.img');
    writeFileSync(image, '');
    truncateSync(image, megabytes * 2 ** 20);
    await run('mkfs.ext4', ['-q', '-m', '0', image], { timeout: withinMs });
    const volume = new Volume(scene.dataDir, image);
    await mkdir(scene.dataDir, { recursive: true });
    await run('mount', ['-o', 'loop,errors=remount-ro', image, scene.dataDir], {
      timeout: withinMs,
    });
    scene.atEnd(() => run('umount', [scene.dataDir], { timeout: withinMs }));
    return volume;
  }

  /** Takes the last block. */
  fill(): void {
    const fd = openSync(this.#filler, 'w');
    try {
      for (let bytes = 2 ** 20; bytes >= 512; ) {
        if (!fits(fd, bytes)) bytes /= 2;
      }
    } finally {
      closeSync(fd);
    }
  }

  async empty(): Promise<void> {
    await rm(this.#filler);
  }

  /** What ext4 does of itself after an error of the device: read-only, under open files, for good. */
  async break(): Promise<void> {
    const { stdout } = await run('losetup', ['-n', '-O', 'NAME', '-j', this.#image]);
    const device = basename(stdout.trim());
    writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, 'a fault of the rehearsal');
  }

  /** Every write and every fsync waits in the kernel until it is thawed. */
  async freeze(): Promise<void> {
    await run('fsfreeze', ['-f', this.#dir], { timeout: withinMs });
  }

  async thaw(): Promise<void> {
    await run('fsfreeze', ['-u', this.#dir], { timeout: withinMs });
  }

  get #filler(): string {
    return join(this.#dir, 'filler');
  }
}

function fits(fd: number, bytes: number): boolean {
  try {
    return writeSync(fd, Buffer.alloc(bytes)) === bytes;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}
