// The daemon under rehearsal, as a process of its own: started, killed, started again, its log read.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface DaemonSetup {
  /** Command line that runs the daemon, for example `['node', '.build/main.cjs']`. */
  readonly command: readonly [string, ...string[]];
  readonly configFile: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly onLine?: (line: string) => void;
}

/** Log lines kept for whoever asks why a story failed. */
const linesKept = 200;

export class Daemon {
  readonly lines: string[] = [];
  readonly #setup: DaemonSetup;
  #child: ChildProcess | null = null;

  constructor(setup: DaemonSetup) {
    this.#setup = setup;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get running(): boolean {
    return this.#child !== null;
  }

  /** Starts the process; does not wait for it to be armed. */
  start(): void {
    if (this.#child) return;
    const [command, ...args] = this.#setup.command;
    const child = spawn(command, [...args, 'run', '--config', this.#setup.configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#setup.env },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#line(line));
    child.once('error', (error) => this.#line(error.message));
    child.once('exit', (code, signal) => {
      this.#line(`exit ${code ?? signal}`);
      if (this.#child === child) this.#child = null;
    });
  }

  /** Ends the process and waits until the kernel says that it has gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** SIGSTOP and the like: what does not end it. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  #line(line: string): void {
    this.lines.push(line);
    if (this.lines.length > linesKept) this.lines.shift();
    this.#setup.onLine?.(line);
  }
}
