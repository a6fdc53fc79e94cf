// The directory that bundles share with the clips they are made of: what is left of older ones goes, and none
// is begun for which a clip would have to go.

import { closeSync, fsyncSync, openSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SealBroken } from '../sealed/format.ts';

/** It cannot be made, and the message says why in one sentence. */
export class NoBundle extends Error {}

/** A file that cannot be had any more: its disk does not give it, or it has been changed on it. */
export class Unreadable extends Error {
  readonly file: string;

  constructor(file: string, cause: unknown) {
    const why = cause instanceof Error && 'code' in cause ? cause.code : cause;
    super(`it cannot be read (${cause instanceof SealBroken ? cause.message : why})`, { cause });
    this.file = file;
  }
}

export const bundleRules = {
  /** Older bundles that stay beside a new one, for so long. */
  kept: 3,
  keptMs: 86_400_000,
  stepBytes: 1024 * 1024,
  pieceBytes: 128 * 1024,
  /** Reports and the part of the chain; more than they take. */
  papersBytes: 8 * 1024 * 1024,
} as const;

export const unfinished = '.export-';
const mb = 1024 * 1024;

export interface Room {
  readonly dir: string;
  /** All files of the directory together, and what must stay free on its disk. */
  readonly capMb: number;
  readonly reserveMb: number;
}

export function whyAbsent(path: string): string | null {
  try {
    return statSync(path).isFile() ? null : 'something that is no file has its name';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === null) throw error;
    return code === 'ENOENT' ? 'it is no longer there' : `it cannot be read (${code})`;
  }
}

export function clearOld(dir: string, wallMs: number): void {
  const all = readdirSync(dir);
  for (const name of all) if (name.startsWith(unfinished)) rmSync(join(dir, name), { force: true });
  const bundles = all
    .filter((name) => /^[A-Za-z0-9][A-Za-z0-9._-]*-\d+\.zip$/.test(name))
    .map((name) => ({ name, ms: Number(/-(\d+)\.zip$/.exec(name)?.[1]) }))
    .sort((a, b) => b.ms - a.ms);
  for (const [n, { name, ms }] of bundles.entries())
    if (n >= bundleRules.kept || wallMs - ms > bundleRules.keptMs)
      rmSync(join(dir, name), { force: true });
}

/** Nothing of the clips' room is taken: a bundle can be made again, a clip cannot. */
export function expectRoom({ dir, capMb, reserveMb }: Room, bytes: number): void {
  const used = readdirSync(dir).reduce(
    (sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  const wants = `the bundle takes ${Math.ceil(bytes / mb)} MB`;
  if (used + bytes > capMb * mb)
    throw new NoBundle(
      `there is no room: ${wants}, and ${Math.ceil(used / mb)} of ${capMb} MB are in use`,
    );
  const { bavail, bsize } = statfsSync(dir);
  if (bavail * bsize - bytes < reserveMb * mb)
    throw new NoBundle(
      `there is no room: ${wants}, and ${reserveMb} MB of the disk are to stay free`,
    );
}

/** A new name is durable when its directory is. */
export function syncDir(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
