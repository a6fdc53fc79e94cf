// One life of ffmpeg: RTSP in, RTP out on loopback ports of its own. Watched from outside: what
// sends nothing for 2 s is killed, for ffmpeg waits for ever. Says once why it ended.

import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { createInterface } from 'node:readline';
import type { Clock } from '../../ports.ts';
import type { MediaSource } from '../wire.ts';
import {
  ffmpegArguments,
  ffmpegInput,
  hanging,
  isBegun,
  isPlainSound,
  notRtsp,
  type Ports,
  type Trouble,
  troubleIn,
} from './ffmpeg.ts';
import { parseRtp, type RtpPacket } from './rtp.ts';

export interface IngestOptions {
  readonly source: MediaSource;
  /** What the first picture may take. */
  readonly firstMs: number;
  readonly clock: Clock;
  readonly video: (packet: RtpPacket) => void;
  readonly sound: (packet: RtpPacket) => void;
  /** The same as Opus, one channel, 20 ms a packet; null: not wanted. */
  readonly opus: ((packet: RtpPacket) => void) | null;
  /** The dome's sound is none that browsers take as it comes; once. */
  readonly foreignSound: () => void;
  /** Once; not after `close`. */
  readonly ended: (trouble: Trouble) => void;
}

const silentMs = 2_000;
const lookMs = 250;
/** As much as the kernel allows; it takes less without a word. */
const receiveBytes = 4 * 1024 * 1024;
const host = '127.0.0.1';

export class Ingest {
  readonly #options: IngestOptions;
  readonly #sockets: Socket[] = [];
  #child: ChildProcess | null = null;
  #exit: Promise<void> = Promise.resolve();
  #ended = false;
  #heardMs: number;
  #lookedMs: number;
  #limitMs: number;
  #trouble: Trouble | null = null;
  #isBegun = false;
  #cancel: () => void = () => undefined;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#limitMs = options.firstMs;
    this.#heardMs = this.#lookedMs = options.clock.now().monoMs;
  }

  /** The dome has told what it sends. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  start(): void {
    const input = ffmpegInput(this.#options.source);
    if (input === null) return this.#end(notRtsp);
    this.#bind().then(
      ([video = 0, sound = 0, opus = null]) => {
        if (!this.#ended) this.#spawn(input, { video, sound, opus });
      },
      (error: Error) => this.#end({ kind: 'program', detail: `has no port: ${error.message}` }),
    );
  }

  /** Kills it and waits until it is gone. */
  async close(): Promise<void> {
    this.#stop();
    await this.#exit;
  }

  async #bind(): Promise<number[]> {
    const { video, sound, opus } = this.#options;
    const ports: number[] = [];
    for (const [n, take] of [video, sound, ...(opus ? [opus] : [])].entries()) {
      const socket = createSocket('udp4');
      this.#sockets.push(socket);
      await new Promise<void>((done, fail) => {
        socket.once('error', fail);
        socket.bind({ address: host, port: 0, exclusive: true }, done);
      });
      if (this.#ended) socket.close();
      else ports.push(this.#listen(socket, take, n === 0));
    }
    return ports;
  }

  #listen(socket: Socket, take: (packet: RtpPacket) => void, isVideo: boolean): number {
    socket.removeAllListeners('error');
    socket.on('error', (error) =>
      this.#end({ kind: 'program', detail: `fails: ${error.message}` }),
    );
    if (isVideo) socket.setRecvBufferSize(receiveBytes);
    socket.on('message', (bytes) => {
      const packet = parseRtp(bytes);
      if (packet === null || this.#ended) return;
      if (isVideo) this.#heard();
      take(packet);
    });
    return socket.address().port;
  }

  #heard(): void {
    this.#heardMs = this.#options.clock.now().monoMs;
    this.#limitMs = silentMs;
  }

  #spawn(input: string, ports: Ports): void {
    const child = spawn('ffmpeg', ffmpegArguments(ports), {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.#child = child;
    this.#exit = new Promise((done) => {
      child.once('exit', () => done());
      child.once('error', () => done());
    });
    child.once('error', (error) =>
      this.#end({
        kind: 'program',
        detail: `needs ffmpeg, which does not start: ${error.message}`,
      }),
    );
    child.once('close', (code, signal) =>
      this.#end(
        this.#trouble ?? {
          kind: 'unreachable',
          detail: `has ended: the dome has closed the connection (ffmpeg: ${signal ?? code})`,
        },
      ),
    );
    // Gone before it has read the address; `close` says so.
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(input);
    createInterface({ input: child.stderr }).on('line', (line) => this.#read(line));
    this.#look();
  }

  #read(line: string): void {
    this.#isBegun ||= isBegun(line);
    this.#trouble = troubleIn(line) ?? this.#trouble;
    if (isPlainSound(line) === false && !this.#ended) this.#options.foreignSound();
    if (this.#trouble?.kind === 'codec') this.#end(this.#trouble);
  }

  #look(): void {
    this.#cancel = this.#options.clock.after(lookMs, () => {
      const nowMs = this.#options.clock.now().monoMs;
      // Our own loop was held up: what has come meanwhile has not been read yet.
      if (nowMs - this.#lookedMs > 4 * lookMs)
        this.#heardMs = Math.max(this.#heardMs, nowMs - lookMs);
      this.#lookedMs = nowMs;
      if (nowMs - this.#heardMs > this.#limitMs) this.#end(this.#trouble ?? this.#silence());
      else this.#look();
    });
  }

  #silence(): Trouble {
    if (this.#limitMs === silentMs) return hanging;
    const seconds = Math.round(this.#limitMs / 1000);
    return { kind: 'unreachable', detail: `cannot be reached: no picture in ${seconds} s` };
  }

  #end(trouble: Trouble): void {
    if (this.#ended) return;
    this.#stop();
    this.#options.ended(trouble);
  }

  #stop(): void {
    this.#ended = true;
    this.#cancel();
    this.#child?.kill('SIGKILL');
    for (const socket of this.#sockets.splice(0)) socket.close();
  }
}
