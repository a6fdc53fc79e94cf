// Keeps one program of the sound alive: starts it, ends it by SIGKILL when it falls silent, starts it
// again with a growing pause. A stalled driver makes such programs deaf to SIGTERM.

import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../../ports.ts';

export interface KeptOptions {
  readonly command: readonly [string, ...string[]];
  /** All of its environment; absent: that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly started: () => void;
  readonly heard: (bytes: Buffer) => void;
  readonly said: (line: string) => void;
  /** It has ended, and will be started again. `silent`: by us, for it gave no sign of life. */
  readonly ended: (end: KeptEnd) => void;
}

export interface KeptEnd {
  readonly why: 'silent' | 'exit' | 'missing';
  /** Exit code, name of the signal, or the reason why it could not be started. */
  readonly detail: string;
}

const silentMs = 1_000;
const lookMs = 250;
const firstPauseMs = 250;
const pauseMsMax = 2_000;
/** After so long a life the next pause is a short one again. */
const wellMs = 5_000;
/** What it has not read yet; beyond, frames are dropped. */
const unreadBytesMax = 100 * 960;
const lineBytesMax = 2_000;
const reapMs = 1_000;

export class Kept {
  readonly #options: KeptOptions;
  #child: ChildProcess | null = null;
  #gone: Promise<void> = Promise.resolve();
  #isOpen = false;
  #failures = 0;
  #aliveMs = 0;
  #cancel: () => void = () => undefined;

  constructor(options: KeptOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  open(): void {
    this.#isOpen = true;
    this.#start();
  }

  /** Dropped where it is not there, or does not read. */
  write(bytes: Buffer): boolean {
    const input = this.#child?.stdin;
    if (!input?.writable || input.writableLength > unreadBytesMax) return false;
    input.write(bytes);
    return true;
  }

  /** It gave a sign of life. */
  alive(): void {
    this.#aliveMs = this.#nowMs();
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#cancel();
    this.#child?.kill('SIGKILL');
    // A process that the kernel does not let go of is left to it.
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((done) => {
      cancel = this.#options.clock.after(reapMs, done);
    });
    await Promise.race([this.#gone, late]);
    cancel();
  }

  #start(): void {
    const { command, env, clock, started } = this.#options;
    const [file, ...args] = command;
    const child = spawn(file, args, { ...(env && { env }), stdio: ['pipe', 'pipe', 'pipe'] });
    const bornMs = this.#nowMs();
    let isSilent = false;
    this.#child = child;
    this.alive();
    this.#gone = new Promise((gone) => {
      const ended = (end: KeptEnd) => {
        if (this.#child !== child) return;
        this.#child = null;
        gone();
        this.#failures = this.#nowMs() - bornMs > wellMs ? 1 : this.#failures + 1;
        this.#again(end);
      };
      child.once('error', (error) => ended({ why: 'missing', detail: error.message }));
      // Not `exit`: its last words come before this.
      child.once('close', (code, signal) => {
        ended({ why: isSilent ? 'silent' : 'exit', detail: signal ?? String(code) });
      });
    });
    this.#listen(child);
    started();
    let lookedMs = bornMs;
    const look = (): void => {
      const nowMs = this.#nowMs();
      // Our own loop was held up: what it said meanwhile has not been read yet.
      if (nowMs - lookedMs > 2 * lookMs) this.alive();
      lookedMs = nowMs;
      isSilent = nowMs - this.#aliveMs > silentMs;
      if (isSilent) child.kill('SIGKILL');
      else this.#cancel = clock.after(lookMs, look);
    };
    this.#cancel = clock.after(lookMs, look);
  }

  #listen(child: ChildProcess): void {
    child.stdout?.on('data', (bytes: Buffer) => this.#options.heard(bytes));
    let held = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (held + text).split('\n');
      held = (lines.pop() ?? '').slice(0, lineBytesMax);
      for (const line of lines) this.#options.said(line);
    });
    // It has ended while we wrote: `close` says more.
    child.stdin?.on('error', () => undefined);
  }

  #again(end: KeptEnd): void {
    this.#cancel();
    if (!this.#isOpen) return;
    const pauseMs = Math.min(pauseMsMax, firstPauseMs * 2 ** Math.min(this.#failures - 1, 10));
    this.#cancel = this.#options.clock.after(pauseMs, () => this.#start());
    this.#options.ended(end);
  }

  #nowMs(): number {
    return this.#options.clock.now().monoMs;
  }
}
