// The wall clock of a real process, in a test's hand: see clock-shim.c.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildShim } from './fsync-shim.ts';

const clockFile = (dir: string): string => join(dir, 'clock');

/** Compiles the shim into `dir`; returns what a child needs in its environment. The clock is right until
 * it is set. */
export function clockShim(dir: string): {
  readonly LD_PRELOAD: string;
  readonly CLOCK_FILE: string;
} {
  setClock(dir, 0);
  return { LD_PRELOAD: buildShim(dir, 'clock-shim'), CLOCK_FILE: clockFile(dir) };
}

/** Sets the clock of every process with this `dir`, running ones too, so many seconds beside the
 * machine's. */
export function setClock(dir: string, offsetS: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(offsetS));
  // In place: it is mapped.
  const flag = existsSync(clockFile(dir)) ? 'r+' : 'w';
  writeFileSync(clockFile(dir), bytes, { flag });
}
