// Memory of the machine, and since when it runs, as /proc tells them.

import { join } from 'node:path';
import { lineOf } from './read.ts';

export async function memoryOf(root: string) {
  const text = (await lineOf(join(root, 'proc/meminfo'))) ?? '';
  const mb = (name: string): number | null => {
    const kb = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
    return kb === undefined ? null : Math.floor(Number(kb) / 1024);
  };
  return { memoryFreeMb: mb('MemAvailable'), memoryTotalMb: mb('MemTotal') };
}

/** Seconds. */
export async function uptimeOf(root: string): Promise<number | null> {
  const seconds = /^\d+/.exec((await lineOf(join(root, 'proc/uptime'))) ?? '')?.[0];
  return seconds === undefined ? null : Number(seconds);
}
