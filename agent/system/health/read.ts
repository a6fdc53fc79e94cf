// Small files of the kernel: one line each, absent on most machines in one way or another. Read beside the
// loop: a sensor on a slow bus takes its time.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `run` gives, or null where the system says no: ENOENT, ENODATA, EIO and the like. */
export async function orNull<T>(run: () => Promise<T>): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

/** Without white space around it; null where there is none. */
export const lineOf = (file: string): Promise<string | null> =>
  orNull(async () => (await readFile(file, 'utf8')).trim());

export async function numberIn(file: string): Promise<number | null> {
  const line = await lineOf(file);
  return line !== null && /^-?\d+$/.test(line) ? Number(line) : null;
}

/** Paths in a directory, of names that fit; none where it is not there. */
export async function entries(dir: string, pattern: RegExp): Promise<string[]> {
  const names = (await orNull(() => readdir(dir))) ?? [];
  return names.filter((name) => pattern.test(name)).map((name) => join(dir, name));
}
