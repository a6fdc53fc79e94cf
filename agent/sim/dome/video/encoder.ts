// One ffmpeg: raw frames in, coded pictures out, as AVI, which tells each picture's length, so that a
// picture is known to be whole when its last byte is here and not when the next one begins.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export type Codec = 'h264' | 'h265' | 'mjpeg';

export interface EncoderSettings {
  readonly codec: Codec;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly gopFrames: number;
  readonly kbps: number;
  /** H.264: filled up to `kbps` where the scene is too simple for it, so that a viewer's load is real. */
  readonly steady?: boolean;
}

export interface EncoderEvents {
  /** One picture: Annex B with its parameter sets before a key frame, or a JPEG. */
  readonly onPicture: (picture: Buffer) => void;
  /** It ended without having been told to. */
  readonly onFailure: (why: Error) => void;
}

const chunkMax = 4 * 1024 * 1024;
const complaintMax = 2000;

function codecArguments({ codec, gopFrames, kbps, steady }: EncoderSettings): string[] {
  if (codec === 'mjpeg') return ['-c:v', 'mjpeg', '-q:v', '4', '-threads', '1'];
  const rate = ['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`];
  const speed = ['-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1'];
  // The first picture only warms the encoder up: the second is the first that anybody sees.
  const begin = ['-force_key_frames', 'expr:lte(n,1)'];
  const group = ['-g', `${gopFrames}`, '-keyint_min', `${gopFrames}`, '-bf', '0', ...begin];
  if (codec === 'h264') {
    const fill = steady ? ['-minrate', `${kbps}k`, '-x264-params', 'nal-hrd=cbr'] : [];
    return ['-c:v', 'libx264', '-profile:v', 'baseline', ...speed, ...group, ...rate, ...fill];
  }
  const quiet = `keyint=${gopFrames}:min-keyint=${gopFrames}:scenecut=0:repeat-headers=1`;
  const alone = 'log-level=error:pools=none:frame-threads=1:open-gop=0:info=0';
  return ['-c:v', 'libx265', ...speed, ...rate, ...begin, '-x265-params', `${quiet}:${alone}`];
}

function argumentsOf(settings: EncoderSettings): string[] {
  const range = settings.codec === 'mjpeg' ? 'yuvj420p' : 'yuv420p';
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-f', 'yuv4mpegpipe', '-i', 'pipe:0'],
    ...['-an', '-fps_mode', 'passthrough', '-pix_fmt', range, ...codecArguments(settings)],
    ...['-flush_packets', '1', '-f', 'avi', 'pipe:1'],
  ];
}

export class Encoder {
  readonly settings: EncoderSettings;
  readonly #events: EncoderEvents;
  #child: ChildProcessByStdio<Writable, Readable, Readable> | null = null;
  #ended: Promise<void> = Promise.resolve();
  #pending: Buffer = Buffer.alloc(0);
  #inMovie = false;
  #closing = false;

  constructor(settings: EncoderSettings, events: EncoderEvents) {
    this.settings = settings;
    this.#events = events;
  }

  /** Frames given and not yet taken by ffmpeg, bytes. */
  get backlogBytes(): number {
    return this.#child?.stdin.writableLength ?? 0;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  open(): void {
    const child = spawn('ffmpeg', argumentsOf(this.settings), { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    const { width, height, framesPerSecond } = this.settings;
    // Not as rawvideo: of that ffmpeg 5.1 holds each frame back until the next one begins.
    child.stdin.write(`YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip C420jpeg\n`);
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => {
      complaint = (complaint + text.toString()).slice(-complaintMax);
    });
    const fail = (error: Error) => {
      if (!this.#closing) this.#events.onFailure(error);
      this.#closing = true;
    };
    child.on('error', fail);
    // It is gone; `exit` or `error` says why.
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#ended = new Promise((done) => {
      child.once('error', () => done());
      child.once('exit', (code, signal) => {
        fail(new Error(`ffmpeg ended with ${code ?? signal}: ${complaint.trim()}`));
        done();
      });
    });
  }

  /** `taken` when the frame's memory may be used again. */
  write(frame: Buffer, taken: () => void): void {
    const stdin = this.#child?.stdin;
    if (!stdin?.writable) return taken();
    stdin.write('FRAME\n');
    stdin.write(frame, taken);
  }

  /** Ends ffmpeg and waits until it is gone. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  #take(chunk: Buffer): void {
    if (this.#closing) return;
    this.#pending = this.#pending.length ? Buffer.concat([this.#pending, chunk]) : chunk;
    if (!this.#inMovie) {
      const at = this.#pending.indexOf('movi');
      if (at < 0) return;
      this.#pending = this.#pending.subarray(at + 4);
      this.#inMovie = true;
    }
    while (this.#pending.length >= 8) {
      const bytes = this.#pending.readUInt32LE(4);
      if (bytes > chunkMax) throw new Error(`a picture of ${bytes} bytes`);
      const end = 8 + bytes + (bytes & 1);
      if (this.#pending.length < end) return;
      const isPicture = this.#pending.toString('latin1', 0, 4) === '00dc';
      const picture = Buffer.from(this.#pending.subarray(8, 8 + bytes));
      this.#pending = this.#pending.subarray(end);
      if (isPicture && bytes > 0) this.#events.onPicture(picture);
    }
  }
}
