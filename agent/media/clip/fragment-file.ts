// A file of evidence while it is written: only ever longer, a fragment at a time. `append` returns when the
// disk has them; whatever tears it off in between, what was there before stays good.

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

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
  readonly #hash = createHash('sha256');
  #fragments = 0;
  #bytes = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** A new file. Throws what the disk throws. */
  static async open(path: string, head: Buffer): Promise<FragmentFile> {
    const handle = await open(path, 'wx', 0o600);
    const file = new FragmentFile(handle);
    try {
      await file.#write(head);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return file;
  }

  /** All that is known of it. */
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
    for (let at = 0; at < bytes.length; ) at += (await this.#handle.write(bytes, at)).bytesWritten;
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }
}
