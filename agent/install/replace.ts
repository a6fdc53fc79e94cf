// One file, replaced as a whole: written beside it, flushed, renamed over it, and the directory flushed. A
// cut at any moment leaves the old one or the new one.

import {
  chmodSync,
  chownSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { codes, Trouble, whyOf } from './words.ts';

export interface Access {
  readonly mode: number;
  /** Group id; null: the process's own. */
  readonly group: number | null;
}

/** Throws what the file system throws. */
export function replaceFile(file: string, text: string, access: Access): void {
  const fresh = `${file}.new`;
  writeFlushed(fresh, text, access);
  renameSync(fresh, file);
  flushDirectory(dirname(file));
}

/** Closed to everybody before the first byte is in it. */
export function writeFlushed(file: string, text: string, { mode, group }: Access): void {
  const fd = openSync(file, 'w', 0o600);
  try {
    fchmodSync(fd, 0o600);
    writeFileSync(fd, text);
    if (group !== null) fchownSync(fd, -1, group);
    fchmodSync(fd, mode);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Names that came, went or changed in it are on the disk. */
export function flushDirectory(directory: string): void {
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A directory that the group may look into. */
export function openToGroup(directory: string, { group }: Access): void {
  if (group === null) return;
  chownSync(directory, -1, group);
  chmodSync(directory, 0o750);
}

/** What the file system threw, in words; all else is thrown on. */
export function asCannotWrite(error: unknown, directory: string): Trouble {
  if (!(error instanceof Error && 'syscall' in error)) throw error;
  const isDenied = 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
  if (isDenied)
    return new Trouble(
      codes.noAccess,
      [
        `${directory} may not be written by this user: run it with sudo.`,
        `当前用户无权写入 ${directory}:请用 sudo 运行。`,
      ],
      error,
    );
  return new Trouble(
    codes.cannotWrite,
    [`The configuration cannot be written: ${whyOf(error)}.`, `配置无法写入:${whyOf(error)}。`],
    error,
  );
}
