// How big a process is: memory, threads, descriptors.

import { readdirSync, readFileSync } from 'node:fs';

export interface Size {
  readonly rssMb: number;
  readonly threads: number;
  readonly descriptors: number;
}

export function sizeOf(pid: number): Size {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    rssMb: field('VmRSS') / 1024,
    threads: field('Threads'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}
