// The daemon under measurement: the bundle, as `scripts/gate-agent` starts it, in a process of its
// own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { askControl, ControlFailed } from '#agent/control/client.ts';
import { type StatusReport, statusReport } from '#agent/status.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until, within } from '#test/support/wait.ts';

const launcher = join(import.meta.dirname, '../../scripts/gate-agent');
const clock = systemClock();
const startWithinMs = 60_000;
const stopWithinMs = 10_000;
const linesKept = 50;

/** One line of marks.cjs. Times are CLOCK_MONOTONIC, milliseconds. */
export type Mark = { readonly atMs: number } & (
  | { readonly at: 'stepped'; readonly kind: string; readonly id: string; readonly monoMs: number }
  | { readonly at: 'committed'; readonly ids: readonly string[]; readonly durable: boolean }
);

export interface DaemonSetup {
  readonly configFile: string;
  readonly socket: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly onMark?: (mark: Mark) => void;
}

export interface Armed {
  /** From the spawn of the launcher to the log line `armed`. */
  readonly ms: number;
  /** The daemon's own view: since its node began. */
  readonly ownMs: number;
}

export class Daemon {
  readonly #setup: DaemonSetup;
  readonly #lines: string[] = [];
  #child: ChildProcess | null = null;

  constructor(setup: DaemonSetup) {
    this.#setup = setup;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves with the log line `armed`. */
  async start(): Promise<Armed> {
    const { configFile, env, onMark } = this.#setup;
    const preload = onMark ? `--require=${join(import.meta.dirname, 'marks.cjs')}` : '';
    const beganMs = clock.now().monoMs;
    const child = spawn(launcher, ['run', '--config', configFile], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      // As in the unit.
      env: { ...process.env, MALLOC_ARENA_MAX: '1', NODE_OPTIONS: preload, ...env },
    });
    this.#child = child;
    process.once('exit', this.#kill);
    let armed = (_: Armed) => {};
    const arming = new Promise<Armed>((done) => {
      armed = done;
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#keep(line);
        if (!line.includes('"msg":"armed"')) return;
        armed({ ms: clock.now().monoMs - beganMs, ownMs: JSON.parse(line).armedMs });
      });
    }
    const marks = child.stdio[3];
    if (marks && 'on' in marks && onMark) {
      const input = marks as NodeJS.ReadableStream;
      createInterface({ input }).on('line', (line) => onMark(JSON.parse(line)));
    }
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the daemon ended (${code ?? signal}): ${this.#lines.join('\n')}`);
    });
    // Raced only until it is armed; afterwards its end is `stop`'s.
    ended.catch((error: unknown) => error);
    const what = 'the daemon to be armed';
    return within(Promise.race([arming, ended]), { withinMs: startWithinMs, what });
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    process.off('exit', this.#kill);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await within(exit, { withinMs: stopWithinMs, what: 'the end of the daemon' });
  }

  async status(): Promise<StatusReport> {
    const { socket: path } = this.#setup;
    return statusReport.parse(await askControl({ path, verb: 'status', timeoutMs: 5000, clock }));
  }

  /** Connected, and nothing left in the outbox. */
  async settled(withinMs: number): Promise<void> {
    const what = `an empty outbox; the daemon said: ${this.#lines.join('\n')}`;
    await until(
      async () => {
        const status = await this.statusOrNull();
        return status?.online === true && status.store?.outboxRows === 0;
      },
      { withinMs, what },
    );
  }

  /** Null while nobody answers: the socket opens a moment after `armed`. */
  async statusOrNull(): Promise<StatusReport | null> {
    try {
      return await this.status();
    } catch (error) {
      if (error instanceof ControlFailed && error.reason === 'not-running') return null;
      throw error;
    }
  }

  readonly #kill = (): void => {
    this.#child?.kill('SIGKILL');
  };

  #keep(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > linesKept) this.#lines.shift();
  }
}

/** Resident memory, MiB. */
export function rssMb(pid: number): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1024;
}

/** Processor time of all threads so far, milliseconds. */
export function cpuMs(pid: number): number {
  const times = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const [ns] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return Number(ns) / 1e6;
  });
  return times.reduce((sum, ms) => sum + ms, 0);
}
