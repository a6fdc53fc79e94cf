// One daemon a data directory: two would mix their presses in one database and one journal. The lock is
// SQLite's own, on an empty file beside the database, so that the kernel lets go of it with the process.
// It never silences an alarm: where no lock can be had, or its holder is only still dying, we go on.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type DatabaseType from 'better-sqlite3';
import { StorageFault } from './fault.ts';

export const lockFile = 'gate.lock';
/** A daemon that has just been killed may take a moment to go. */
const waitMs = 2000;

/** Taken until it is closed, or garbage: whoever has it must keep it. */
export interface Lock {
  close(): void;
}

/** Takes the directory. Null where no lock can be had. Throws a `StorageFault`: `held` where another daemon
 * is at work in it, `hanging` where the kernel cannot end the one that was. */
export function lockDirectory(Sqlite: typeof DatabaseType, dir: string): Lock | null {
  const file = join(dir, lockFile);
  try {
    return new Sqlite(file, { timeout: waitMs }).exec('begin exclusive');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!code.startsWith('SQLITE_')) throw error;
    // A disk that gives no lock is told by the database, which is on it, too.
    if (!code.startsWith('SQLITE_BUSY')) return null;
    throw heldBy(file, dir, error);
  }
}

function heldBy(file: string, dir: string, cause: unknown): StorageFault {
  const pid = holderOf(readOrEmpty('/proc/locks'), statSync(file).ino);
  const name = pid === null ? 'another gate-agent' : `another gate-agent (process ${pid})`;
  if (pid !== null && isEnding(readOrEmpty(`/proc/${pid}/status`))) {
    const text = `${name} was killed and hangs in the kernel with ${dir}: is its disk dying?`;
    return new StorageFault('hanging', text, { cause });
  }
  const text = `${name} is at work in it: end it, or give this one a directory of its own`;
  return new StorageFault('held', text, { cause });
}

/** The process that holds a write lock on the inode, as /proc/locks tells it; null where it does not. */
export function holderOf(locks: string, inode: number): number | null {
  for (const line of locks.split('\n')) {
    const [, pid, held] =
      /POSIX +ADVISORY +WRITE +(\d+) +[\da-f]+:[\da-f]+:(\d+) /.exec(line) ?? [];
    if (Number(held) === inode && Number(pid) > 0) return Number(pid);
  }
  return null;
}

const sigkill = 1n << 8n;

/** Whether /proc/PID/status tells of a process that will not run again: dead, or SIGKILL is pending. */
export function isEnding(status: string): boolean {
  if (/^State:\s+[ZX]/m.test(status)) return true;
  const pending = [...status.matchAll(/^(?:SigPnd|ShdPnd):\s+([\da-f]+)$/gm)];
  return pending.some(([, mask]) => (BigInt(`0x${mask}`) & sigkill) !== 0n);
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // A process that has gone meanwhile, or a system that does not let us look.
    return '';
  }
}
