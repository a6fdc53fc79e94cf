// A socket of our own as NOTIFY_SOCKET. Node has no unix datagrams, so python holds it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until, within } from './wait.ts';

export interface Told {
  readonly text: string;
  /** By `performance.now()`. */
  readonly atMs: number;
}

export class NotifyReceiver {
  /** Assignments as they came, for example `READY=1`. */
  readonly told: Told[] = [];
  readonly socket: string;
  readonly #child: ChildProcess;

  private constructor(socket: string, child: ChildProcess) {
    this.socket = socket;
    this.#child = child;
  }

  /** Listens when it resolves. */
  static async open(socket: string): Promise<NotifyReceiver> {
    const script = join(import.meta.dirname, 'notify-receiver.py');
    const child = spawn('python3', [script, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    const receiver = new NotifyReceiver(socket, child);
    createInterface({ input: child.stdout }).on('line', (line) => receiver.#line(line));
    await until(() => receiver.has('bound'), { withinMs: 10_000, what: 'the receiver' });
    return receiver;
  }

  #line(line: string): void {
    const datagram: unknown = JSON.parse(line);
    const atMs = performance.now();
    for (const text of String(datagram).split('\n'))
      if (text !== '') this.told.push({ text, atMs });
  }

  has(text: string): boolean {
    return this.told.some((one) => one.text === text);
  }

  /** When the dog was fed, since `fromMs`. */
  feeds(fromMs = 0): number[] {
    return this.told
      .filter(({ text, atMs }) => text === 'WATCHDOG=1' && atMs >= fromMs)
      .map(({ atMs }) => atMs);
  }

  /** The longest silence of the dog's feeder between `fromMs` and `toMs`. */
  longestSilenceMs(fromMs: number, toMs: number): number {
    const marks = [fromMs, ...this.feeds(fromMs).filter((atMs) => atMs <= toMs), toMs];
    return Math.max(...marks.slice(1).map((atMs, n) => atMs - (marks[n] ?? atMs)));
  }

  until(text: string, withinMs = 5_000): Promise<boolean> {
    return until(() => this.has(text), { withinMs, what: `${text} at NOTIFY_SOCKET` });
  }

  async close(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await within(exit, { withinMs: 5_000, what: 'the end of the receiver' });
  }
}
