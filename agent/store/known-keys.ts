// The public half of every evidence key this terminal has signed with, oldest first, the newest at the
// end: `evidence-keys.txt`, one `keyId publicKey` a line. What an earlier key signed can still be
// checked, and a key that is another than before is not taken for the old one.

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence } from './evidence-key.ts';

export const knownKeysFile = 'evidence-keys.txt';
/** The oldest go. */
export const keysKept = 50;

export type KnownKey = Pick<Evidence, 'keyId' | 'publicKey'>;

/** Keys that were used here, oldest first; lines that are none are passed over. Throws where the file is
 * there and cannot be read. */
export function knownKeys(dir: string): KnownKey[] {
  const text = readText(join(dir, knownKeysFile));
  return text.split('\n').flatMap((line) => {
    const [, keyId, publicKey] = /^([0-9a-f]{16}) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
    return keyId && publicKey ? [{ keyId, publicKey }] : [];
  });
}

/** Adds the key in use where it is not the newest known. Returns the one it took the place of. */
export function rememberKey(dir: string, { keyId, publicKey }: KnownKey): KnownKey | null {
  const before = knownKeys(dir);
  const newest = before.at(-1) ?? null;
  if (newest?.keyId === keyId) return null;
  const lines = [...before, { keyId, publicKey }].slice(-keysKept);
  write(dir, lines.map((one) => `${one.keyId} ${one.publicKey}\n`).join(''));
  return newest;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function write(dir: string, text: string): void {
  const file = join(dir, knownKeysFile);
  const fd = openSync(`${file}.new`, 'w', 0o644);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${file}.new`, file);
}
