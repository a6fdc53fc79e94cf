// A file of evidence as whoever reads it sees it, sealed or plain.

import { type FileHandle, open } from 'node:fs/promises';
import type { Master } from './format.ts';
import { Layout, type Reading } from './layout.ts';

export class KeptFile {
  readonly #handle: FileHandle;
  readonly #layout: Layout;

  private constructor(handle: FileHandle, layout: Layout) {
    this.#handle = handle;
    this.#layout = layout;
  }

  /** Throws what the disk throws, and a `SealBroken`. */
  static async open(path: string, master: Master | null): Promise<KeptFile> {
    return KeptFile.#opened(await open(path), master, false);
  }

  /** One whose writer has died: only what is whole. It may be cut. */
  static async openTorn(path: string, master: Master | null): Promise<KeptFile> {
    return KeptFile.#opened(await open(path, 'r+'), master, true);
  }

  static async #opened(handle: FileHandle, master: Master | null, whole: boolean) {
    try {
      const { size } = await handle.stat();
      return new KeptFile(handle, await driven(handle, Layout.of(size, master, whole)));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Of what is inside. */
  get size(): number {
    return this.#layout.bytes;
  }

  /** Fewer bytes where it ends. Throws what the disk throws, and a `SealBroken`. */
  read(from: number, bytes: number): Promise<Buffer> {
    return driven(this.#handle, this.#layout.read(from, bytes));
  }

  /** It ends there from now on, on the disk. */
  async cut(bytes: number): Promise<void> {
    await this.#handle.truncate(this.#layout.cutAt(bytes));
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function driven<T>(handle: FileHandle, reading: Reading<T>): Promise<T> {
  let step = reading.next();
  while (!step.done) {
    const { at, bytes } = step.value;
    const piece = Buffer.allocUnsafe(bytes);
    let had = 0;
    while (had < bytes) {
      const { bytesRead } = await handle.read(piece, had, bytes - had, at + had);
      if (bytesRead === 0) break;
      had += bytesRead;
    }
    step = reading.next(piece.subarray(0, had));
  }
  return step.value;
}
