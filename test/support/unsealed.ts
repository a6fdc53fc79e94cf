// Files of evidence that are sealed on the disk, as a test looks into them: a copy beside them that is open.

import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { freshMaster, masterOf } from '#agent/sealed/format.ts';
import { KeptFile } from '#agent/sealed/kept-file.ts';
import { KeptFileSync } from '#agent/sealed/kept-file-sync.ts';

/** The master key of this run's tests. */
export const sealingKey = freshMaster();

/** The master key that a daemon has made in its data directory. */
export const keyIn = (dataDir: string): string =>
  readFileSync(join(dataDir, 'keys/master-key'), 'utf8');

/** What is inside. */
export function bytesIn(path: string, key = sealingKey): Buffer {
  const file = KeptFileSync.open(path, masterOf(key));
  try {
    return file.read(0, Number.MAX_SAFE_INTEGER);
  } finally {
    file.close();
  }
}

/** Path of an open copy of one whose writer has died: of what of it is whole. */
export async function unsealedTorn(path: string, key = sealingKey): Promise<string> {
  const copy = join(mkdtempSync(join(dirname(path), '..', 'open-')), basename(path));
  copyFileSync(path, copy);
  const file = await KeptFile.openTorn(copy, masterOf(key));
  try {
    const bytes = await file.read(0, file.size);
    writeFileSync(copy, bytes);
    return copy;
  } finally {
    await file.close();
  }
}

/** Path of an open copy, in a directory of its own beside that of the file. */
export function unsealed(path: string, key = sealingKey): string {
  const copy = join(mkdtempSync(join(dirname(path), '..', 'open-')), basename(path));
  writeFileSync(copy, bytesIn(path, key));
  return copy;
}
