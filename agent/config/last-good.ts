// The copy of the configuration that armed the terminal last, with the profile and the authorities'
// certificates it named. Secrets are not in it: it names their files, as the original does.
// Written by rename, 0600, and only when something changed.

import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';

const schema = z.strictObject({
  v: z.literal(1),
  /** The file it is a copy of: relative paths in it start there. */
  file: z.string(),
  text: z.string(),
  /** Public files by the field that names them. */
  files: z.record(z.string(), z.string()),
});
export type LastGood = Readonly<Omit<z.infer<typeof schema>, 'v'>>;

/** In the state directory, or beside the configuration where none is given. */
export function lastGoodPath(configFile: string, stateDir: string | null): string {
  if (stateDir !== null) return join(stateDir, 'last-good.json');
  return join(dirname(configFile), `${basename(configFile)}.last-good.json`);
}

/** null: there is none. `unreadable`: there is one, of no use. */
export function readLastGood(path: string): LastGood | 'unreadable' | null {
  const text = contentOf(path);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return 'unreadable';
    throw error;
  }
}

/** Throws what the file system throws. */
export function writeLastGood(path: string, good: LastGood): void {
  const text = `${JSON.stringify({ v: 1, ...good })}\n`;
  if (contentOf(path) === text) return;
  const fresh = `${path}.new`;
  const fd = openSync(fresh, 'w', 0o600);
  try {
    fchmodSync(fd, 0o600);
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, path);
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Missing or not to be read: either way there is nothing to fall back to.
    return null;
  }
}
