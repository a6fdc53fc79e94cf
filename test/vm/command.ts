// Programs of the system, run to their end.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program for a minute at most unless told otherwise; returns what it printed. Throws with
 * what it said where it fails. */
export async function run(
  command: readonly [string, ...string[]],
  { withinMs = 180_000 }: { withinMs?: number } = {},
): Promise<string> {
  const [program, ...args] = command;
  const { stdout } = await execute(program, args, {
    timeout: withinMs,
    killSignal: 'SIGKILL',
    maxBuffer: 2 ** 26,
  });
  return stdout.trim();
}
