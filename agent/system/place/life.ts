// One life of a child place: from its start to the reason of its end. Dead, hung, growing, babbling
// and deaf are all the same to whoever asks: one sentence, once, and the process group is gone.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Clock } from '../../ports.ts';
import { fromChild, Lines, lineOf, Problem, parseLine, placeFd, wireLimits } from './wire.ts';

export interface LifeLimits {
  /** From its start to its hello. */
  readonly helloMs: number;
  readonly silentMs: number;
  readonly rssMbMax: number;
  /** Between two looks. */
  readonly linesMax: number;
  /** Between two looks at it. */
  readonly checkMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopMs: number;
}

export const lifeLimits: LifeLimits = {
  helloMs: 5_000,
  silentMs: 3_000,
  rssMbMax: 300,
  linesMax: 500,
  checkMs: 500,
  stopMs: 2_000,
};

export interface LifeOptions {
  readonly command: readonly [string, ...string[]];
  /** All of its environment: it must not speak to systemd in the daemon's name. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: LifeLimits;
  readonly clock: Clock;
  readonly hello: () => void;
  /** Returns what is wrong with the message, or null. */
  readonly heard: (message: unknown) => string | null;
  /** A line of its standard output or error. */
  readonly said: (line: string) => void;
  /** Once; not after `stop`. */
  readonly lost: (why: string) => void;
}

const saidBytesMax = 2_000;
/** For its last words to arrive after its exit. */
const lastWordsMs = 50;
/** A process that the kernel does not let go of is left to it. */
const reapMs = 1_000;
/** When memory is short a place goes before the daemon, whose own adjustment it would inherit. */
const oomScoreAdj = '500';

export class Life {
  readonly #options: LifeOptions;
  #child: ChildProcess | null = null;
  #pipe: Socket | null = null;
  #hello = false;
  #ended = false;
  #startedMs = 0;
  #heardMs = 0;
  #checkedMs = 0;
  #lines = 0;
  #lastWords = '';
  #cancel: () => void = () => undefined;

  constructor(options: LifeOptions) {
    this.#options = options;
  }

  /** Has said hello and is not lost. */
  get isUp(): boolean {
    return this.#hello && !this.#ended;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(): void {
    this.#startedMs = this.#nowMs();
    this.#checkedMs = this.#startedMs;
    const child = this.#spawn();
    if (!child) return;
    this.#child = child;
    child.once('error', (error) => this.#lose(`cannot be started (${error.message})`));
    // Without descriptors to spare there is not even a pipe; the error is on its way.
    if (child.pid === undefined) return;
    child.once('exit', (code, signal) => {
      this.#killGroup();
      const why = signal ? `was ended by ${signal}` : `has exited with ${code}`;
      this.#soon(lastWordsMs, why);
    });
    for (const stream of [child.stdout, child.stderr]) {
      const lines = new Lines(saidBytesMax, (line) => this.#saidLine(line), nothing);
      stream?.on('data', (chunk: Buffer) => lines.push(chunk));
    }
    const pipe = child.stdio[placeFd];
    if (pipe instanceof Socket) this.#listen(pipe);
    this.#yieldMemory(child.pid);
    this.#schedule();
  }

  #spawn(): ChildProcess | null {
    const { env, command } = this.#options;
    const [file, ...args] = command;
    try {
      // A group of its own, so that what it starts goes with it.
      return spawn(file, args, { env, detached: true, stdio: ['ignore', ...pipes] });
    } catch (error) {
      // Some failures node throws, such as no memory for another process.
      this.#lose(`cannot be started (${error instanceof Error ? error.message : error})`);
      return null;
    }
  }

  /** False where it is not up. What it does not read is bounded; beyond, it counts as hung. */
  send(message: unknown): boolean {
    if (!this.isUp || !this.#pipe) return false;
    const line = lineOf({ t: 'say', m: message });
    if (line.length > wireLimits.toldBytesMax) throw new Error('a message to a place is too long');
    this.#pipe.write(line);
    if (this.#pipe.writableLength <= wireLimits.unreadBytesMax) return true;
    this.#lose('does not read what it is told');
    return false;
  }

  /** SIGTERM, then SIGKILL; returns when it has gone, or the kernel does not let it go. */
  async stop(): Promise<void> {
    this.#ended = true;
    this.#cancel();
    const { stopMs } = this.#options.limits;
    this.#child?.kill('SIGTERM');
    if (await this.#gone(stopMs)) return this.#killGroup();
    this.#killGroup();
    await this.#gone(reapMs);
  }

  /** Its end after `lost`; false where it is still there after a second. */
  reaped(): Promise<boolean> {
    return this.#gone(reapMs);
  }

  #listen(pipe: Socket): void {
    this.#pipe = pipe;
    const { saidBytesMax: bytesMax } = wireLimits;
    const tooLong = () => this.#lose(`says more than ${bytesMax / 1024} kB in one line`);
    const lines = new Lines(bytesMax, (line) => this.#line(line), tooLong);
    pipe.on('data', (chunk) => {
      if (!this.#ended) lines.push(chunk);
    });
    const closed = () => {
      // Mostly the first sign of an exit, which says more.
      if (!this.#hasExited) this.#soon(reapMs, 'has closed its line');
    };
    pipe.on('error', closed);
    pipe.on('close', closed);
  }

  #line(line: string): void {
    if (this.#ended) return;
    if (++this.#lines > this.#options.limits.linesMax) return this.#lose('talks without a pause');
    const read = parseLine(fromChild, line);
    if (read instanceof Problem) return this.#lose(`talks nonsense: ${read.what}`);
    this.#heardMs = this.#nowMs();
    if (read.t === 'hello') {
      if (this.#hello) return this.#lose('talks nonsense: a second hello');
      this.#hello = true;
      return this.#options.hello();
    }
    if (!this.#hello) return this.#lose('talks nonsense: no hello before it speaks');
    if (read.t === 'beat') return;
    const problem = this.#options.heard(read.m);
    if (problem !== null) this.#lose(`talks nonsense: ${problem}`);
  }

  #saidLine(line: string): void {
    if (line.trim() === '') return;
    this.#lastWords = line;
    this.#options.said(line);
  }

  #schedule(): void {
    const { clock, limits } = this.#options;
    this.#cancel = clock.after(limits.checkMs, () => this.#check());
  }

  #check(): void {
    const { limits } = this.#options;
    const nowMs = this.#nowMs();
    const sinceMs = nowMs - this.#checkedMs;
    this.#checkedMs = nowMs;
    // Our own loop was held up: what the child said meanwhile has not been read yet.
    const isLate = sinceMs > 2 * limits.checkMs;
    const rssMb = this.#rssMb();
    if (isLate) this.#heardMs = nowMs;
    if (!this.#hello && !isLate && nowMs - this.#startedMs > limits.helloMs)
      return this.#lose(`has not said hello in ${limits.helloMs} ms`);
    if (this.#hello && nowMs - this.#heardMs > limits.silentMs)
      return this.#lose(`hangs: it has said nothing for ${limits.silentMs} ms`);
    if (rssMb > limits.rssMbMax)
      return this.#lose(`grows: ${Math.round(rssMb)} MB where ${limits.rssMbMax} are allowed`);
    this.#lines = 0;
    this.#schedule();
  }

  /** Lost for this reason unless a better one comes first. */
  #soon(delayMs: number, why: string): void {
    if (this.#ended) return;
    this.#cancel();
    this.#cancel = this.#options.clock.after(delayMs, () => this.#lose(why));
  }

  #lose(why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancel();
    this.#killGroup();
    this.#pipe?.destroy();
    const words =
      this.#lastWords === '' ? '' : `; its last words: ${this.#lastWords.slice(0, 200)}`;
    this.#options.lost(`${why}${words}`);
  }

  #killGroup(): void {
    const { pid } = this.#child ?? {};
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  get #hasExited(): boolean {
    const { pid, exitCode, signalCode } = this.#child ?? {};
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  async #gone(withinMs: number): Promise<boolean> {
    const child = this.#child;
    if (!child || this.#hasExited) return true;
    return new Promise((done) => {
      const cancel = this.#options.clock.after(withinMs, () => done(this.#hasExited));
      child.once('exit', () => {
        cancel();
        done(true);
      });
    });
  }

  /** Resident memory of the process itself, MiB; 0 where it has gone. */
  #rssMb(): number {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
    } catch (error) {
      if (!isGone(error)) throw error;
      return 0;
    }
  }

  #yieldMemory(pid: number): void {
    try {
      writeFileSync(`/proc/${pid}/oom_score_adj`, oomScoreAdj);
    } catch (error) {
      // Not worth a place that works.
      if (!isGone(error)) this.#options.said(`its oom_score_adj cannot be set: ${error}`);
    }
  }

  #nowMs(): number {
    return this.#options.clock.now().monoMs;
  }
}

const pipes = ['pipe', 'pipe', 'pipe'] as const;
const nothing = () => undefined;

/** The process has ended meanwhile. */
const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'ENOENT');
