// The master key, under which the keys of all files of evidence lie: from systemd's credential, which a TPM
// may have sealed, or from a file of the data directory that is made at the first start (0600). Destroying
// it destroys all that is sealed.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { freshMaster, masterOf } from '../sealed/format.ts';
import { readText } from './drawer.ts';
import { reasonOf } from './reason.ts';

/** Below the data directory: what lies under `keys` goes first when a terminal is retired. */
export const masterFile = 'keys/master-key';

export interface LoadedMaster {
  /** Base64; null: there is none, and what is kept lies open on the disk. */
  readonly text: string | null;
  /** One sentence, where a person has something to mend. */
  readonly problem: string | null;
}

/**
 * Never throws for what it finds: an alarm's clip that is not sealed is better than none.
 * @param credential where systemd puts it; null or missing: the data directory's own is used, or made.
 */
export function loadMaster(dir: string, credential: string | null): LoadedMaster {
  try {
    const given = credential === null ? null : readText(credential);
    const file = join(dir, masterFile);
    const text = given ?? readText(file) ?? made(file);
    if (masterOf(text) === null)
      return wrong(`${given === null ? file : credential} is no master key (32 bytes, base64)`);
    return { text: text.trim(), problem: given === null ? loose(file) : null };
  } catch (error) {
    return wrong(reasonOf(error));
  }
}

const wrong = (why: string): LoadedMaster => ({
  text: null,
  problem: `clips, snapshots and talks are kept unsealed: ${why}. What was sealed before cannot be read`,
});

const loose = (file: string): string | null =>
  (statSync(file).mode & 0o077) === 0
    ? null
    : `others may read the master key ${file}; run: chmod 600 ${file}`;

/** Whole and on the disk before it has its name. */
function made(file: string): string {
  const text = freshMaster();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fd = openSync(`${file}.new`, 'w', 0o600);
  try {
    writeSync(fd, `${text}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${file}.new`, file);
  const dirFd = openSync(dirname(file), 'r');
  try {
    fsyncSync(dirFd);
  } finally {
    closeSync(dirFd);
  }
  return text;
}
