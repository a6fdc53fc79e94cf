// The same for a thread that reads synchronously (agent/evidence/thread.ts): a disk that hangs holds it, and
// nobody else.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Master } from './format.ts';
import { Layout, type Reading } from './layout.ts';

export class KeptFileSync {
  readonly #fd: number;
  readonly #layout: Layout;

  private constructor(fd: number, layout: Layout) {
    this.#fd = fd;
    this.#layout = layout;
  }

  /** Throws what the disk throws, and a `SealBroken`. */
  static open(path: string, master: Master | null): KeptFileSync {
    const fd = openSync(path, 'r');
    try {
      return new KeptFileSync(fd, driven(fd, Layout.of(fstatSync(fd).size, master)));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Fewer bytes where it ends. */
  read(from: number, bytes: number): Buffer {
    return driven(this.#fd, this.#layout.read(from, bytes));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function driven<T>(fd: number, reading: Reading<T>): T {
  let step = reading.next();
  while (!step.done) {
    const { at, bytes } = step.value;
    const piece = Buffer.allocUnsafe(bytes);
    let had = 0;
    while (had < bytes) {
      const got = readSync(fd, piece, had, bytes - had, at + had);
      if (got === 0) break;
      had += got;
    }
    step = reading.next(piece.subarray(0, had));
  }
  return step.value;
}
