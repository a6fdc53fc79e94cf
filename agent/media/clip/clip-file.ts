// One file of a clip while it is written: only ever longer, a fragment a group of pictures. `append` returns
// when the disk has them; whatever tears it off in between, what was there before stays good.

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Video } from '../../core/evidence.ts';
import { fragmentOf, headOf, videoOf } from './mp4.ts';
import { type PictureGroup, sameSets, ticksPerMs } from './ring.ts';

/** A fragment that is on the disk. */
export interface Fragment {
  readonly sha256: string;
  readonly bytes: number;
  /** Of its first picture, by the monotonic clock, milliseconds. */
  readonly monoMs: number;
  readonly lengthMs: number;
}

const startOf = (group: PictureGroup): number => group.samples[0]?.ticks ?? 0;
const msOf = (ticks: number): number => Math.round(ticks / ticksPerMs);

export class ClipFile {
  readonly #handle: FileHandle;
  readonly #first: PictureGroup;
  readonly #video: Video;
  readonly #startTicks: number;
  readonly #hash = createHash('sha256');
  #endTicks: number;
  #missingTicks = 0;
  #fragments = 0;
  #bytes = 0;

  private constructor(handle: FileHandle, first: PictureGroup, video: Video) {
    this.#handle = handle;
    this.#first = { ...first, samples: [] };
    this.#video = video;
    this.#startTicks = startOf(first);
    this.#endTicks = this.#startTicks;
  }

  /**
   * A new file that begins with this group, which is yet to be appended. Null where the group has no
   * parameter sets. Throws what the disk throws.
   * @param wallMs Unix time of its first picture.
   */
  static async open(path: string, first: PictureGroup, wallMs: number): Promise<ClipFile | null> {
    const head = headOf(first.sets, wallMs, first.stream);
    const video = head && videoOf(head);
    if (!head || !video) return null;
    const handle = await open(path, 'wx', 0o600);
    const file = new ClipFile(handle, first, video);
    try {
      await file.#write(head);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return file;
  }

  /** Whether the group can go on in this file: its pictures are of the same kind. */
  takes({ sets, stream }: PictureGroup): boolean {
    return stream === this.#first.stream && sameSets(this.#first.sets, sets);
  }

  get lengthMs(): number {
    return msOf(this.#endTicks - this.#startTicks);
  }

  /** All that is known of it. */
  get facts() {
    return {
      ...{ bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') },
      ...{ lengthMs: this.lengthMs, missingMs: msOf(this.#missingTicks) },
      ...{ fragments: this.#fragments, video: this.#video },
    };
  }

  /** Number of its next fragment, from 1. */
  get next(): number {
    return this.#fragments + 1;
  }

  /** Returns when they are on the disk. */
  async append(groups: readonly PictureGroup[]): Promise<Fragment[]> {
    const fragments: Fragment[] = [];
    for (const group of groups) {
      const start = startOf(group);
      const bytes = Buffer.concat(fragmentOf(group, this.next, this.#startTicks));
      await this.#write(bytes);
      this.#fragments++;
      this.#missingTicks += Math.max(0, start - this.#endTicks);
      this.#endTicks = group.endTicks;
      fragments.push({
        ...{ sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length },
        ...{ monoMs: msOf(start), lengthMs: msOf(group.endTicks - start) },
      });
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
