// Programs run by a test: the launcher with a sub-command, shell lines as a person types them, and
// programs that stay until they are ended.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { until, within } from '#test/support/wait.ts';
import { launcher } from './house.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly tookMs: number;
}

/** Runs to its end, 10 s at most unless told otherwise. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  { env = {}, withinMs = 10_000 }: { env?: NodeJS.ProcessEnv; withinMs?: number } = {},
): Promise<Ended> {
  const startMs = performance.now();
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  try {
    await within(once(child, 'close'), { withinMs, what: `the end of ${command} ${args[0]}` });
  } catch (cause) {
    child.kill('SIGKILL');
    throw new Error(`it had said:\n${out.slice(-2000)}\n${err.slice(-2000)}`, { cause });
  }
  return { code: child.exitCode, out, err, tookMs: Math.round(performance.now() - startMs) };
}

/** `scripts/gate-agent` with a sub-command. */
export const gateAgent = (...args: string[]): Promise<Ended> => runToEnd(launcher, args);

/** A shell line; it must succeed. */
export async function shell(script: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { code, err } = await runToEnd('bash', ['-c', script], { env });
  if (code !== 0) throw new Error(`${script}: exit ${code}: ${err}`);
}

/** A program that stays until it is ended, and what it has said, line by line. */
export class Companion {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#child = child;
    this.#exited = once(child, 'close');
    for (const stream of [child.stdout, child.stderr])
      if (stream) createInterface({ input: stream }).on('line', (line) => this.lines.push(line));
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.#child.spawnfile} has not been started`);
    return pid;
  }

  /** Null while it runs, and where a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  async end(signal: NodeJS.Signals = 'SIGTERM', withinMs = 6_000): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    await within(this.#exited, { withinMs, what: `the end of ${this.#child.spawnfile}` });
  }

  /** The first line that holds every one of `parts`. */
  async line(withinMs: number, ...parts: string[]): Promise<string> {
    const found = () => this.lines.find((line) => parts.every((part) => line.includes(part)));
    try {
      return await until(found, { withinMs, what: `a line with ${parts.join(' and ')}` });
    } catch (cause) {
      throw new Error(`${this.#child.spawnfile} has said:\n${this.lines.slice(-30).join('\n')}`, {
        cause,
      });
    }
  }
}
