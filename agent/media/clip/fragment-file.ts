// A file of evidence while it is written: only ever longer, a fragment at a time. `append` returns when the
// disk has them; whatever tears it off in between, what was there before stays good.

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { type Master, Sealer } from '../../sealed/format.ts';

/** A fragment that is on the disk. */
export interface Fragment {
  readonly sha256: string;
  readonly bytes: number;
  /** Of its beginning, by the monotonic clock, milliseconds. */
  readonly monoMs: number;
  readonly lengthMs: number;
}

export type Part = Omit<Fragment, 'sha256' | 'bytes'> & { readonly data: Buffer };

export class FragmentFile {
  readonly #handle: FileHandle;
  /** Null: it is kept as it is. A fragment is a record of its own, or several. */
  readonly #sealer: Sealer | null;
  readonly #hash = createHash('sha256');
  #fragments = 0;
  #bytes = 0;

  private constructor(handle: FileHandle, sealer: Sealer | null) {
    this.#handle = handle;
    this.#sealer = sealer;
  }

  /** A new file. Throws what the disk throws. */
  static async open(path: string, head: Buffer, master: Master | null): Promise<FragmentFile> {
    const handle = await open(path, 'wx', 0o600);
    const sealer = master && new Sealer(master);
    const file = new FragmentFile(handle, sealer);
    try {
      if (sealer) await file.#put(sealer.head);
      await file.#write(head);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return file;
  }

  /** All that is known of what is in it. */
  get facts() {
    const sha256 = this.#hash.copy().digest('hex');
    return { bytes: this.#bytes, sha256, fragments: this.#fragments };
  }

  /** Number of its next fragment, from 1. */
  get next(): number {
    return this.#fragments + 1;
  }

  /** Returns when they are on the disk. */
  async append(parts: readonly Part[]): Promise<Fragment[]> {
    const fragments: Fragment[] = [];
    for (const { data, monoMs, lengthMs } of parts) {
      await this.#write(data);
      this.#fragments++;
      const sha256 = createHash('sha256').update(data).digest('hex');
      fragments.push({ sha256, bytes: data.length, monoMs, lengthMs });
    }
    await this.#handle.datasync();
    return fragments;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #write(bytes: Buffer): Promise<void> {
    await this.#put(this.#sealer?.seal(bytes) ?? bytes);
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }

  async #put(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) at += (await this.#handle.write(bytes, at)).bytesWritten;
  }
}
