// What keeps the clock. systemd-timesyncd says by a file whether it has heard a server; chrony is asked by
// its own tool, which any user may use, once in a while: a fork holds the loop for some milliseconds.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TimeSource } from '../../core/machine.ts';

/** Directories and files in which each says that it runs. */
const signs = [
  ['chrony', 'run/chrony'],
  ['timesyncd', 'run/systemd/timesync'],
  ['ntp', 'run/ntpd.pid'],
  ['ntp', 'run/ntpsec'],
] as const satisfies (readonly [TimeSource, string])[];

export const timeSourceOf = (root = '/'): TimeSource | null =>
  signs.find(([, sign]) => existsSync(join(root, sign)))?.[0] ?? null;

export interface Tracking {
  /** Of the system clock, milliseconds; positive: it is behind. */
  readonly offsetMs: number;
  readonly isKept: boolean;
}

/** The line of `chronyc -c tracking`, null where it is none: 14 fields, the fifth the offset of the system
 * clock in seconds, the last the leap status (chronyc(1), chrony 3 and 4). */
export function parseTracking(text: string): Tracking | null {
  const fields = text.trim().split(',');
  const offsetS = Number(fields[4]);
  const status = fields[13];
  if (fields.length !== 14 || status === undefined || !Number.isFinite(offsetS)) return null;
  return { offsetMs: offsetS * 1000, isKept: status !== 'Not synchronised' };
}

const answerWithinMs = 2000;

/** Null where chrony does not answer. Never rejects. */
export const askChrony = (): Promise<Tracking | null> =>
  new Promise((done) => {
    const args = ['-n', '-c', 'tracking'];
    const options = { timeout: answerWithinMs, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } };
    execFile('chronyc', args, options, (error, out) => done(error ? null : parseTracking(out)));
  });
