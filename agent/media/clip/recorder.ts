// Writes what the ring holds and goes on holding: a reader of it, with no queue of its own. A disk that
// is slow is caught up with, one that hangs or is full costs pictures once the ring has let go of them,
// and nobody waits for it. One file for the first minute, then one every ten.

import { evidenceTimes } from '../../core/evidence.ts';
import type { Clock } from '../../ports.ts';
import type { EvidenceWanted } from '../wire.ts';
import { ClipFile } from './clip-file.ts';
import { hangMs, isDiskError } from './disk.ts';
import { type PictureGroup, type Ring, ticksPerMs } from './ring.ts';
import type { Shelf } from './shelf.ts';
import type { Told } from './told.ts';

export type Clip = NonNullable<EvidenceWanted['clip']>;

export interface RecorderOptions {
  readonly clock: Clock;
  readonly ring: Ring;
  readonly shelf: Shelf;
  readonly told: Told;
  /** Why there is no picture, where that is known. */
  readonly why: () => string | null;
  /** What is wrong with the disk, or null: it has taken something. */
  readonly disk: (trouble: Error | 'hangs' | null) => void;
}

const fileMs = { first: 60_000, next: 600_000 } as const;
/** Written at once: of a dome that sends nothing but key pictures a group is a picture. */
const batch = { leastMs: 500, groupsMax: 100 } as const;
const againMs = 2_000;
/** What may lack of the time before a press, until it is told. */
const shortMs = 1_000;

interface Writing {
  readonly clip: Clip;
  readonly name: string;
  readonly part: number;
  readonly wallMs: number;
  readonly file: ClipFile;
}

export class Recorder {
  readonly #options: RecorderOptions;
  #wanted: Clip | null = null;
  #running: Promise<void> | null = null;
  #writing: Writing | null = null;
  /** Last group that was written of the clip. */
  #cursor: { readonly clip: string; readonly n: number } | null = null;
  #cancel: (() => void) | null = null;
  #isClosing = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Name of the file that is written now. */
  get writes(): string | null {
    return this.#writing?.name ?? null;
  }

  want(clip: Clip | null): void {
    this.#wanted = clip;
    this.pump();
  }

  /** There is a new group in the ring. */
  pump(): void {
    if (this.#running || this.#cancel) return;
    this.#running = this.#go().finally(() => {
      this.#running = null;
    });
  }

  /** Writes what is there, and lets go of the file. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#running;
    this.pump();
    await this.#running;
    this.#cancel?.();
    this.#wanted = null;
    await this.#writing?.file.close();
  }

  async #go(): Promise<void> {
    const { clock, disk } = this.#options;
    for (let isMore = true; isMore; ) {
      const cancel = clock.after(hangMs, () => disk('hangs'));
      isMore = await this.#tried().finally(cancel);
    }
  }

  async #tried(): Promise<boolean> {
    try {
      return await this.#step();
    } catch (error) {
      if (!isDiskError(error)) throw error;
      this.#failed(error);
      return false;
    }
  }

  /** True: there may be more to do. */
  async #step(): Promise<boolean> {
    const [clip, writing] = [this.#wanted, this.#writing];
    if (writing && writing.clip.id !== clip?.id) return this.#finish(writing);
    if (!clip) return false;
    if (this.#cursor?.clip !== clip.id) await this.#begin(clip);
    const groups = this.#options.ring
      .after(this.#cursor?.n ?? 0)
      .filter(({ endTicks }) => endTicks > clip.fromMs * ticksPerMs);
    const [first, last] = [groups[0], groups.at(-1)];
    const ticks = (last?.endTicks ?? 0) - (first?.samples[0]?.ticks ?? 0);
    if (!first || (ticks < batch.leastMs * ticksPerMs && !this.#isClosing)) return false;
    if (!writing) return this.#open(clip, [first, ...groups.slice(1)]);
    const limitMs = writing.part === 1 ? fileMs.first : fileMs.next;
    if (writing.file.lengthMs >= limitMs || !writing.file.takes(first))
      return this.#finish(writing);
    await this.#append(writing, fitting(writing.file, groups).slice(0, batch.groupsMax));
    return true;
  }

  async #begin(clip: Clip): Promise<void> {
    const { ring, shelf, told, why } = this.#options;
    this.#cursor = { clip: clip.id, n: 0 };
    const { part } = await shelf.nextPart(clip.id);
    const first = ring.firstTicks;
    // After the first file this is another life of ours, or of the dome's.
    if (part > 1 || clip.fromMs === 0) return;
    const lateMs = first === null ? Number.POSITIVE_INFINITY : first / ticksPerMs - clip.fromMs;
    if (lateMs <= shortMs) return;
    const keptS = Math.max(0, Math.floor((evidenceTimes.beforeMs - lateMs) / 1000));
    const what = `of the 30 s before the press ${keptS === 0 ? 'nothing' : `only ${keptS} s`} could be had`;
    const detail = why() === null ? what : `${what}: the stream ${why()}`;
    void told.tell({
      ...({ t: 'evidence.missing', incident: clip.id, what: 'clip' } as const),
      ...{ afterMs: null, detail },
    });
  }

  async #open(clip: Clip, groups: readonly [PictureGroup, ...PictureGroup[]]): Promise<boolean> {
    const { shelf, clock } = this.#options;
    const [first] = groups;
    await shelf.expectRoom();
    const { name, part } = await shelf.nextPart(clip.id);
    const { wallMs, monoMs } = clock.now();
    const startMs = (first.samples[0]?.ticks ?? 0) / ticksPerMs;
    const startWallMs = Math.round(wallMs - monoMs + startMs);
    shelf.busy.add(name);
    const path = shelf.pathOf(name);
    const file = await ClipFile.open(path, groups, startWallMs, shelf.master).catch((error) => {
      shelf.busy.delete(name);
      throw error;
    });
    if (!file) {
      // Its pictures cannot be played, now or ever.
      this.#cursor = { clip: clip.id, n: first.n };
      return true;
    }
    this.#writing = { clip, name, part, file, wallMs: startWallMs };
    await shelf.syncNames();
    return true;
  }

  async #append({ clip, name, file }: Writing, groups: readonly PictureGroup[]): Promise<void> {
    await this.#options.shelf.expectRoom();
    const first = file.next;
    const fragments = await file.append(groups);
    this.#cursor = { clip: clip.id, n: groups.at(-1)?.n ?? 0 };
    this.#options.disk(null);
    void this.#options.told.tell({ t: 'evidence.written', file: name, first, fragments });
  }

  async #finish({ clip, name, file, wallMs }: Writing): Promise<boolean> {
    this.#writing = null;
    await file.close();
    const facts = { ...file.facts, wallMs, mended: false };
    const said = { file: name, incident: clip.id, what: 'clip', afterMs: null, ...facts } as const;
    void this.#seal({ t: 'evidence.stored', ...said });
    return true;
  }

  async #seal(said: Parameters<Told['tell']>[0] & { t: 'evidence.stored' }): Promise<void> {
    const { told, shelf, disk } = this.#options;
    await told.tell(said);
    await shelf.seal(said.file).catch((error: unknown) => {
      if (!isDiskError(error)) throw error;
      disk(error);
    });
  }

  /** What was being written is left as after a crash, and mended like that. */
  #failed(error: Error): void {
    const { clock, disk, shelf } = this.#options;
    const writing = this.#writing;
    this.#writing = null;
    void writing?.file
      .close()
      .catch((late: unknown) => {
        if (!isDiskError(late)) throw late;
      })
      .then(() => shelf.busy.delete(writing.name));
    disk(error);
    this.#cancel = clock.after(againMs, () => {
      this.#cancel = null;
      this.pump();
    });
  }
}

/** Those of the groups that the file takes, from the first on. */
function fitting(file: ClipFile, groups: readonly PictureGroup[]): readonly PictureGroup[] {
  const other = groups.findIndex((group) => !file.takes(group));
  return other < 0 ? groups : groups.slice(0, other);
}
