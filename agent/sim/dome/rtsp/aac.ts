// A microphone that speaks AAC, as many domes do out of the box: ffmpeg codes what it hears, each frame of
// 1,024 samples goes out as one packet of MPEG4-GENERIC (RFC 3640, AAC-hbr). Like a real coder it is late by
// what it has to look ahead.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { samplesPerSecond } from '../sound.ts';

export const aacFrameSamples = 1024;
/** AAC-LC, 8 kHz, one channel (ISO/IEC 14496-3, AudioSpecificConfig). */
const config = '1588';
export const aacFormat =
  'streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;' +
  `config=${config}`;
const headerBytes = 7;
/** The first frames hold what goes before the sound. */
const primingFrames = 1;

export class AacCoder {
  readonly #coded: (payload: Buffer, sample: number) => void;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #rest: Buffer = Buffer.alloc(0);
  #frames = 0;

  /** `sample`: the frame's first, counted from the beginning. */
  constructor(coded: (payload: Buffer, sample: number) => void) {
    this.#coded = coded;
    const raw = ['-f', 's16le', '-ar', `${samplesPerSecond}`, '-ac', '1'];
    const quick = ['-probesize', '32', '-analyzeduration', '0', '-fflags', 'nobuffer'];
    this.#child = spawn(
      'ffmpeg',
      [
        ...['-hide_banner', '-loglevel', 'error', ...quick, ...raw, '-i', 'pipe:0'],
        ...['-c:a', 'aac', '-b:a', '32k', '-flush_packets', '1', '-f', 'adts', 'pipe:1'],
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    this.#child.stdin.on('error', () => this.#child.stdin.destroy());
    this.#child.stdout.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  push(pcm: Int16Array): void {
    this.#child.stdin.write(Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength));
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  #read(bytes: Buffer): void {
    let rest = Buffer.concat([this.#rest, bytes]);
    while (rest.length >= headerBytes) {
      // ADTS: 13 bits of length, header included.
      const length = (rest.readUIntBE(3, 3) >> 5) & 0x1fff;
      if (length < headerBytes) throw new Error('ffmpeg gives no ADTS');
      if (rest.length < length) break;
      this.#frame(rest.subarray(headerBytes, length));
      rest = rest.subarray(length);
    }
    this.#rest = rest;
  }

  #frame(unit: Buffer): void {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(16);
    head.writeUInt16BE(unit.length << 3, 2);
    const sample = (this.#frames++ - primingFrames) * aacFrameSamples;
    if (sample >= 0) this.#coded(Buffer.concat([head, unit]), sample);
  }
}
