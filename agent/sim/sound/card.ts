// The file behind a virtual card (vcard.c): a header of flags and counts, then a ring of samples that
// the card and the room share. Also builds the plugin, once, into .build.

import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const source = join(import.meta.dirname, 'vcard.c');
const library = join(root, '.build/libasound_module_pcm_vcard.so');

const headerBytes = 4096;
const ringSamples = 1 << 18;
/** Offsets in `struct shared`. */
const field = { zeroNs: 0, ppm: 8, gone: 16, stalled: 20, xruns: 24, starts: 32 } as const;

export const soundRate = 48_000;

export class Card {
  readonly path: string;
  #fd = -1;

  constructor(path: string) {
    this.path = path;
  }

  /** What a process that has the card open holds open, too. */
  get lockPath(): string {
    return `${this.path}.lock`;
  }

  /** A fresh card whose position 0 is now. */
  create(zeroNs: bigint, ppm: number): void {
    this.#fd = openSync(this.path, 'w+');
    ftruncateSync(this.#fd, headerBytes + 2 * ringSamples);
    const header = Buffer.alloc(16);
    header.writeBigInt64LE(zeroNs, field.zeroNs);
    header.writeDoubleLE(ppm, field.ppm);
    writeSync(this.#fd, header, 0, header.length, 0);
  }

  join(): void {
    this.#fd = openSync(this.path, 'r+');
  }

  close(): void {
    closeSync(this.#fd);
  }

  set(flag: 'gone' | 'stalled', isOn: boolean): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(isOn ? 1 : 0);
    writeSync(this.#fd, bytes, 0, bytes.length, field[flag]);
  }

  count(what: 'xruns' | 'starts'): number {
    const bytes = Buffer.alloc(8);
    readSync(this.#fd, bytes, 0, bytes.length, field[what]);
    return Number(bytes.readBigInt64LE());
  }

  /** Position and length must be multiples of a power of two that divides the ring. */
  read(position: number, into: Int16Array): void {
    readSync(this.#fd, into, 0, into.byteLength, placeOf(position));
  }

  write(position: number, samples: Int16Array): void {
    writeSync(this.#fd, samples, 0, samples.byteLength, placeOf(position));
  }
}

const placeOf = (position: number): number => headerBytes + 2 * (position % ringSamples);
const mtimeMs = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The plugin's library; compiled where it is missing or older than its source. Needs gcc and
 * libasound2-dev. */
export function cardLibrary(): string {
  if (mtimeMs(source) < mtimeMs(library)) return library;
  const made = `${library}.${process.pid}`;
  mkdirSync(dirname(library), { recursive: true });
  const form = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-O2', '-shared', '-fPIC', '-DPIC'];
  execFileSync('gcc', [...form, source, '-o', made, '-lasound'], { stdio: 'inherit' });
  renameSync(made, library);
  return library;
}

/** ALSA's configuration for a room: the cards `speaker` and `room_mic`, beside what the system has. */
export const alsaConfig = (speaker: Card, microphone: Card): string => `
</usr/share/alsa/alsa.conf>
pcm_type.vcard { lib "${cardLibrary()}" }
${pcm('speaker', `type vcard file "${speaker.path}" direction "playback" channels 2`)}
${pcm('room_mic', `type vcard file "${microphone.path}" direction "capture" channels 1`)}
`;

const pcm = (name: string, slave: string): string =>
  `pcm.${name} { type plug slave.pcm { ${slave} } }`;
