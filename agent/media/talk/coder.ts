// Both sides of a call as Opus: an ffmpeg that gets them as one sound of two channels, so that they stay in
// step, and gives two streams of packets. One for a call, from its beginning to its end.

import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock, SoundFrame } from '../../ports.ts';
import { frameRate } from '../frames.ts';
import { frameSamples } from '../sound/frame.ts';
import { NotOgg, OggReader } from './ogg.ts';

export interface CoderOptions {
  readonly clock: Clock;
  /** 20 ms of the first side (0) or the second. */
  readonly packet: (side: number, packet: Buffer) => void;
  /** By itself, once; `why` ends a sentence that begins with "ffmpeg". */
  readonly ended: (why: string) => void;
}

/** Written at once: ffmpeg reads no less. */
const framesAtOnce = 4;
/** 10 s of sound that it has not read: it hangs. */
const unreadBytesMax = 10 * frameRate * 4;
/** From the end of a call to the end of its sound. */
const restMs = 2_000;
const wordBytesMax = 300;

const command = [
  ...['-hide_banner', '-nostats', '-loglevel', 'error', '-fflags', 'nobuffer'],
  ...['-probesize', '32', '-analyzeduration', '0'],
  ...['-f', 's16le', '-ar', `${frameRate}`, '-ac', '2', '-i', 'pipe:0'],
  // Mono of its own: a channel that is split off is a left or a right one, which Opus does not take.
  ...['-filter_complex', '[0:a]asplit[l][r];[l]pan=mono|c0=c0[a];[r]pan=mono|c0=c1[b]'],
  ...['-map', '[a]', '-map', '[b]'],
  ...['-c:a', 'libopus', '-b:a', '24k', '-application', 'voip', '-frame_duration', '20'],
  // A page a packet, at once.
  ...['-page_duration', '1', '-flush_packets', '1', '-f', 'ogg', 'pipe:1'],
];

export class Coder {
  readonly #options: CoderOptions;
  readonly #reader: OggReader;
  #child: ChildProcess | null = null;
  #gone: Promise<void> = Promise.resolve();
  #isOver = false;
  #word = '';
  #samples = new Int16Array(2 * framesAtOnce * frameSamples);
  #frames = 0;

  constructor(options: CoderOptions) {
    this.#options = options;
    this.#reader = new OggReader(options.packet);
  }

  open(): void {
    const child = spawn('ffmpeg', command, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#gone = new Promise((gone) => {
      child.once('error', (error) => {
        this.#end(`does not start: ${error.message}`);
        gone();
      });
      // Not `exit`: its last packets come before this.
      child.once('close', (code, signal) => {
        this.#end(`has ended (${signal ?? code}) ${this.#word}`.trim());
        gone();
      });
    });
    child.stdout.on('data', (bytes: Buffer) => this.#read(bytes));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#word = (this.#word + text).replace(/\s+/g, ' ').slice(-wordBytesMax);
    });
    // It has ended while we wrote: `close` says more.
    child.stdin.on('error', () => child.stdin.destroy());
  }

  /** 10 ms of each side; null: silence. */
  feed(first: SoundFrame | null, second: SoundFrame | null): void {
    if (this.#isOver) return;
    const samples = this.#samples;
    const from = 2 * frameSamples * this.#frames;
    for (let n = 0; n < frameSamples; n++) {
      samples[from + 2 * n] = first?.[n] ?? 0;
      samples[from + 2 * n + 1] = second?.[n] ?? 0;
    }
    if (++this.#frames === framesAtOnce) this.#write();
  }

  /** No more comes: codes the rest, and ends. */
  async close(): Promise<void> {
    if (this.#isOver) return this.#gone;
    this.#write();
    this.#isOver = true;
    this.#child?.stdin?.end();
    const cancel = this.#options.clock.after(restMs, () => this.#child?.kill('SIGKILL'));
    await this.#gone;
    cancel();
  }

  #write(): void {
    const input = this.#child?.stdin;
    const { buffer } = this.#samples;
    const bytes = Buffer.from(buffer, 0, 4 * frameSamples * this.#frames);
    this.#samples = new Int16Array(this.#samples.length);
    this.#frames = 0;
    if (!input?.writable) return;
    input.write(bytes);
    if (input.writableLength > unreadBytesMax) this.#end('hangs');
  }

  #read(bytes: Buffer): void {
    try {
      this.#reader.push(bytes);
    } catch (error) {
      if (!(error instanceof NotOgg)) throw error;
      this.#end(`writes no Ogg: ${error.message}`);
    }
  }

  #end(why: string): void {
    this.#child?.kill('SIGKILL');
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.ended(why);
  }
}
