// Processes of the tools compared: where they live, their lines, and their end.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { within } from '#test/support/wait.ts';
import type { City } from './candidate.ts';

/** What a tool is given. */
export interface Place {
  /** On the disk of the checkout; what the tool stores lies below it. */
  readonly dir: string;
  readonly city: City;
  readonly cityPort: number;
  /** Length of a message. */
  readonly bytes: number;
}

const linesKept = 30;

/** A child that does not outlive the benchmark. */
export class Tool {
  readonly child: ChildProcess;
  readonly #said: string[] = [];

  constructor(file: string, args: readonly string[], options: SpawnOptions = {}) {
    this.child = spawn(file, [...args], { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    process.once('exit', this.#kill);
    const { stdout, stderr } = this.child;
    for (const input of [stdout, stderr]) {
      if (!input) continue;
      createInterface({ input }).on('line', (line) => {
        this.#said.push(line);
        if (this.#said.length > linesKept) this.#said.shift();
      });
    }
    // A write to a child that has been killed.
    this.child.stdin?.on('error', () => this.child.stdin?.destroy());
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Its last lines, for whoever waits in vain. */
  get said(): string {
    return this.#said.join('\n');
  }

  async end(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<void> {
    process.off('exit', this.#kill);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill(signal);
    await within(exit, { withinMs: 20_000, what: `the end of a tool by ${signal}` });
  }

  readonly #kill = (): void => {
    this.child.kill('SIGKILL');
  };
}

/** Who waits for which message to be taken: the answer carries its id. */
export class Answers {
  readonly #waiting = new Map<string, (callMs: number) => void>();

  /** When the publishing call was made. */
  async of(id: string): Promise<number> {
    const answer = new Promise<number>((done) => this.#waiting.set(id, done));
    return within(answer, { withinMs: 10_000, what: `the answer to ${id}` });
  }

  /** `id nanoseconds`. */
  take(line: string): void {
    const [id = '', ns = '0'] = line.split(' ');
    this.#waiting.get(id)?.(Number(BigInt(ns)) / 1e6);
    this.#waiting.delete(id);
  }
}
