// How often a process calls fsync or fdatasync: `strace -f -e trace=fsync,fdatasync -c`, attached
// while messages are sent.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '#test/support/wait.ts';
import { Missing } from './fetch.ts';
import { Tool } from './process.ts';

/** Calls of all threads while `work` was done. */
export async function fsyncsDuring(pid: number, work: () => Promise<void>): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'gate-strace-'));
  const summary = join(dir, 'summary');
  const args = ['-f', '-e', 'trace=fsync,fdatasync', '-c', '-o', summary, '-p', `${pid}`];
  const strace = new Tool('strace', args);
  let gone: Error | null = null;
  strace.child.on('error', (error) => {
    gone = error;
  });
  try {
    const attached = () => {
      if (gone) throw new Missing(`strace: ${gone.message}`);
      if (strace.child.exitCode !== null) throw new Missing(`strace: ${strace.said}`);
      return strace.said.includes('attached');
    };
    await until(attached, { withinMs: 10_000, what: 'strace' });
    await work();
    await strace.end('SIGINT');
    return callsIn(readFileSync(summary, 'utf8'));
  } finally {
    if (!gone) await strace.end('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The column `calls` of strace's summary. */
function callsIn(summary: string): number {
  const rows = summary.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*\b(?:fsync|fdatasync)$/gm);
  return [...rows].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
