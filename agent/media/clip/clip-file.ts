// One file of a clip while it is written: a fragment a group of pictures, with the sound that belongs to it.

import type { Video } from '../../core/evidence.ts';
import type { Master } from '../../sealed/format.ts';
import { type Fragment, FragmentFile } from './fragment-file.ts';
import { fragmentOf, headOf, videoOf } from './mp4.ts';
import { SoundLine, soundTicksPerMs } from './opus.ts';
import { type PictureGroup, sameSets, ticksPerMs } from './ring.ts';

const startOf = (group: PictureGroup): number => group.samples[0]?.ticks ?? 0;
const msOf = (ticks: number): number => Math.round(ticks / ticksPerMs);
const soundTicksOf = (ticks: number): number => (ticks * soundTicksPerMs) / ticksPerMs;
const soundTrackNumber = 2;

export class ClipFile {
  readonly #file: FragmentFile;
  readonly #first: PictureGroup;
  readonly #video: Video;
  readonly #startTicks: number;
  /** Null: a file of pictures alone. */
  readonly #sound: SoundLine | null;
  #endTicks: number;
  #missingTicks = 0;

  private constructor(file: FragmentFile, first: PictureGroup, video: Video, hasSound: boolean) {
    this.#file = file;
    this.#first = { ...first, samples: [], sound: [] };
    this.#video = video;
    this.#startTicks = startOf(first);
    this.#endTicks = this.#startTicks;
    this.#sound = hasSound ? new SoundLine(soundTicksOf(this.#startTicks)) : null;
  }

  /**
   * A new file that begins with the first of these groups, which are yet to be appended. Null where it has
   * no parameter sets. Throws what the disk throws.
   * @param wallMs Unix time of its first picture.
   * @param master under which it is sealed; null: it is kept as it is.
   */
  static async open(
    path: string,
    [first, ...more]: readonly [PictureGroup, ...PictureGroup[]],
    wallMs: number,
    master: Master | null = null,
  ): Promise<ClipFile | null> {
    const hasSound = [first, ...more].some(isHeard);
    const head = headOf(first.sets, wallMs, first.stream, hasSound);
    const video = head && videoOf(head);
    if (!head || !video) return null;
    return new ClipFile(await FragmentFile.open(path, head, master), first, video, hasSound);
  }

  /** Whether the group can go on in this file: its pictures are of the same kind, its sound has a track. */
  takes(group: PictureGroup): boolean {
    const { stream, sets } = this.#first;
    const isSame = stream === group.stream && sameSets(sets, group.sets);
    return isSame && (this.#sound !== null || !isHeard(group));
  }

  get lengthMs(): number {
    return msOf(this.#endTicks - this.#startTicks);
  }

  /** All that is known of it. */
  get facts() {
    const lengths = { lengthMs: this.lengthMs, missingMs: msOf(this.#missingTicks) };
    return { ...this.#file.facts, ...lengths, video: this.#video };
  }

  /** Number of its next fragment, from 1. */
  get next(): number {
    return this.#file.next;
  }

  /** Returns when they are on the disk. */
  async append(groups: readonly PictureGroup[]): Promise<Fragment[]> {
    const parts = groups.map((group, n) => {
      const start = startOf(group);
      const { sound, endTicks } = group;
      const until = soundTicksOf(endTicks);
      const run = this.#sound?.take(soundTrackNumber, sound, until);
      const all = fragmentOf(group, this.next + n, this.#startTicks, run && [run]);
      this.#missingTicks += Math.max(0, start - this.#endTicks);
      this.#endTicks = endTicks;
      const lengthMs = msOf(endTicks - start);
      return { data: Buffer.concat(all), monoMs: msOf(start), lengthMs };
    });
    return this.#file.append(parts);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

const isHeard = ({ sound }: PictureGroup): boolean => sound.length > 0;
