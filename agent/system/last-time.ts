// The last time that is known to have been, in a file that is written once a day at most (flash wears), in
// the background, by rename. A file that cannot be read counts as none.

import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

export const lastTimeFile = 'last-time';
export const keepEveryMs = 86_400_000;

export class LastTime {
  #failed: (error: unknown) => void = () => undefined;
  #file: string | null = null;
  #wallMs = 0;
  #writing: Promise<void> | null = null;

  /**
   * @param dir where the database is.
   * @param failed told what the file system throws; the time is kept in memory all the same.
   */
  open(dir: string, failed: (error: unknown) => void): void {
    this.#failed = failed;
    this.#file = join(dir, lastTimeFile);
    this.#wallMs = readTime(this.#file);
  }

  /** Unix milliseconds; 0 where none is known. */
  get wallMs(): number {
    return this.#wallMs;
  }

  keep(wallMs: number): void {
    if (!this.#file || this.#writing || wallMs - this.#wallMs < keepEveryMs) return;
    this.#wallMs = Math.floor(wallMs);
    this.#writing = write(this.#file, `${this.#wallMs}\n`)
      .catch(this.#failed)
      .finally(() => {
        this.#writing = null;
      });
  }

  /** What is being written is on disk. */
  async settled(): Promise<void> {
    await this.#writing;
  }
}

async function write(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

/** A year that cannot be is no time: it would make every certificate expire. */
const latestMs = Date.UTC(2100, 0, 1);

function readTime(file: string): number {
  try {
    const text = readFileSync(file, 'utf8').trim();
    const wallMs = /^\d{1,15}$/.test(text) ? Number(text) : 0;
    return wallMs < latestMs ? wallMs : 0;
  } catch {
    // None was kept yet, or the disk is failing, which the store tells.
    return 0;
  }
}
