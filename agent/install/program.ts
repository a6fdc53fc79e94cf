// Runs a program of the system to its end and says what it printed; bounded in time and size, and one that is
// not there is no error of ours.

import { execFile } from 'node:child_process';

export interface Ran {
  /** null: it is not there, or was ended. */
  readonly code: number | null;
  readonly out: string;
}

const bytesMax = 1024 * 1024;

/** Never rejects. */
export function run(
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  withinMs = 5000,
): Promise<Ran> {
  return new Promise((done) => {
    const options = { env, timeout: withinMs, maxBuffer: bytesMax, killSignal: 'SIGKILL' as const };
    execFile(program, args, options, (error, out) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      done({ code, out });
    });
  });
}
