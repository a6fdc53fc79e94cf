// Where the keys of the line lie while they change, one file a step, each whole or not there (written aside,
// flushed, renamed): `request` has the key that a certificate was asked for with, `offered` the same key with
// the certificate that came, `renewed` the pair that the broker has taken. A step is a rename, so that a
// power cut at any moment leaves one of them. 0600; nobody else writes here.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export type Step = 'request' | 'offered' | 'renewed';

export interface Kept {
  /** Id of the request. */
  readonly request: string;
  /** Fingerprint of the certificate that it is to follow, as the configuration names it. */
  readonly follows: string;
  /** PEM of the private key. */
  readonly key: string;
  /** PEM of the certificate and what leads to its authority; empty: none has come. */
  readonly chain: string;
}

const bytesMax = 128 * 1024;
const keyPattern = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/;

export class Drawer {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Null where there is none, or none that can be understood: it is asked for anew. Throws what the disk
   * throws. */
  read(step: Step): Kept | null {
    const text = readText(this.#pathOf(step));
    if (text === null || text.length > bytesMax) return null;
    const [, request, follows] =
      /^request: (\S{1,128})\nfollows: ([0-9a-f]{64})\n/.exec(text) ?? [];
    const key = keyPattern.exec(text)?.[0];
    if (!request || !follows || !key) return null;
    const chain = text.slice(text.indexOf(key) + key.length);
    return { request, follows, key, chain };
  }

  /** On the disk when it returns. Throws what the disk throws. */
  write(step: Step, { request, follows, key, chain }: Kept): void {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    const path = this.#pathOf(step);
    const fd = openSync(`${path}.new`, 'w', 0o600);
    try {
      writeSync(fd, `request: ${request}\nfollows: ${follows}\n${key.trimEnd()}\n${chain}`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${path}.new`, path);
    this.#sync();
  }

  /** The broker has taken what was offered. */
  adopt(): void {
    renameSync(this.#pathOf('offered'), this.#pathOf('renewed'));
    this.#sync();
    this.drop('request');
  }

  drop(...steps: readonly Step[]): void {
    for (const step of steps) rmSync(this.#pathOf(step), { force: true });
  }

  #pathOf(step: Step): string {
    return join(this.#dir, `${step}.pem`);
  }

  #sync(): void {
    const fd = openSync(this.#dir, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** Null where there is no such file. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
