// Puts what is said in one call on the disk, half a second at a time, and tells of it. Has a minute of it in
// memory: a disk that is slow is caught up with, one that hangs or is full costs what is older, and nobody
// waits for it.

import type { Clock } from '../../ports.ts';
import { fragmentWith, movieOf } from '../clip/boxes.ts';
import { hangMs, isDiskError, sentenceOf } from '../clip/disk.ts';
import { type Fragment, FragmentFile } from '../clip/fragment-file.ts';
import { packetsPerS, soundRun, soundTicksPerMs, soundTrack } from '../clip/opus.ts';
import type { Shelf } from '../clip/shelf.ts';
import type { Told } from '../clip/told.ts';
import type { Half } from './take.ts';

export interface KeeperOptions {
  readonly clock: Clock;
  readonly shelf: Shelf;
  readonly told: Told;
  /** Case, or clip, that it belongs to. */
  readonly id: string;
  /** Of its beginning, by the monotonic clock. */
  readonly startMs: () => number;
  /** What is wrong with the disk, or null: it has taken something. */
  readonly disk: (trouble: Error | 'hangs' | null) => void;
}

interface Writing {
  readonly name: string;
  readonly file: FragmentFile;
  readonly wallMs: number;
  /** Packets of the call before the file's first. */
  readonly from: number;
  /** Where it ends, so far. */
  until: number;
  missing: number;
  untold: Fragment[];
}

const halvesMax = 120;
const againMs = 2_000;
/** Records of the chain come at half the pace of what is written. */
const toldAtOnce = 2;
const msPerPacket = 1000 / packetsPerS;
const ticksPerPacket = msPerPacket * soundTicksPerMs;
const tracks = [soundTrack('dispatcher'), soundTrack('gate room')];

export class Keeper {
  readonly #options: KeeperOptions;
  #waiting: Half[] = [];
  #writing: Writing | null = null;
  #running: Promise<void> | null = null;
  #again: (() => void) | null = null;
  #trouble: Error | null = null;
  /** Halves that nobody will ever hear. */
  #lost = 0;
  #isOver = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  add(half: Half): void {
    this.#waiting.push(half);
    if (this.#waiting.length > halvesMax) {
      this.#waiting.shift();
      this.#lost++;
    }
    this.#pump();
  }

  /** There is no more: writes what waits, and tells the file. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#again?.();
    this.#again = null;
    await this.#running;
    this.#pump();
    await this.#running;
  }

  /** The process ends: writes what waits; the file is told when it comes back. */
  async close(): Promise<void> {
    await this.#running;
    this.#pump();
    await this.#running;
    const writing = this.#writing;
    this.#writing = null;
    await writing?.file.close();
  }

  #pump(): void {
    if (this.#running || this.#again) return;
    this.#running = this.#go().finally(() => {
      this.#running = null;
    });
  }

  async #go(): Promise<void> {
    const { clock, disk } = this.#options;
    for (let isMore = true; isMore; ) {
      const cancel = clock.after(hangMs, () => disk('hangs'));
      try {
        isMore = await this.#step();
      } catch (error) {
        if (!isDiskError(error)) throw error;
        isMore = false;
        this.#failed(error);
      } finally {
        cancel();
      }
    }
  }

  /** True: there may be more to do. */
  async #step(): Promise<boolean> {
    const [first] = this.#waiting;
    if (!first) return this.#finish();
    const writing = this.#writing ?? (await this.#open(first.from));
    await this.#options.shelf.expectRoom();
    const halves = [...this.#waiting];
    const fragments = await writing.file.append(
      halves.map((one, n) => this.#part(writing, one, n)),
    );
    this.#waiting = this.#waiting.filter((one) => !halves.includes(one));
    this.#trouble = null;
    this.#options.disk(null);
    for (const { from, sides } of halves) {
      writing.missing += from - writing.until;
      writing.until = from + sides[0].length;
    }
    writing.untold.push(...fragments);
    if (writing.untold.length >= toldAtOnce) this.#tell(writing);
    return true;
  }

  async #open(from: number): Promise<Writing> {
    const { shelf, clock, id, startMs } = this.#options;
    await shelf.expectRoom();
    const { name } = await shelf.nextPart(id);
    const { wallMs, monoMs } = clock.now();
    const beganMs = Math.round(wallMs - monoMs + startMs() + from * msPerPacket);
    shelf.busy.add(name);
    const head = movieOf(tracks, beganMs);
    const path = shelf.pathOf(name);
    const file = await FragmentFile.open(path, head, shelf.master).catch((error) => {
      shelf.busy.delete(name);
      throw error;
    });
    const writing = { name, file, from, wallMs: beganMs, until: from, missing: 0, untold: [] };
    this.#writing = writing;
    await shelf.syncNames();
    return writing;
  }

  #part({ file, from }: Writing, half: Half, n: number) {
    const [first, ...more] = half.sides.map((packets, side) =>
      soundRun(side + 1, (half.from - from) * ticksPerPacket, packets),
    );
    if (!first) throw new Error('a call without sides');
    return {
      data: Buffer.concat(fragmentWith([first, ...more], file.next + n)),
      monoMs: Math.round(this.#options.startMs() + half.from * msPerPacket),
      lengthMs: half.sides[0].length * msPerPacket,
    };
  }

  #tell(writing: Writing): void {
    const { name, file, untold } = writing;
    writing.untold = [];
    if (untold.length === 0) return;
    const first = file.next - untold.length;
    void this.#options.told.tell({ t: 'evidence.written', file: name, first, fragments: untold });
  }

  async #finish(): Promise<boolean> {
    const writing = this.#writing;
    if (!this.#isOver) return false;
    this.#writing = null;
    if (writing) {
      await writing.file.close();
      this.#tell(writing);
      const { name, file, from, until, missing, wallMs } = writing;
      const times = { lengthMs: (until - from) * msPerPacket, missingMs: missing * msPerPacket };
      const said = {
        incident: this.#options.id,
        what: 'talk',
        afterMs: null,
        video: null,
      } as const;
      void this.#seal({ ...said, ...file.facts, ...times, file: name, wallMs, mended: false });
    }
    this.#missing();
    return false;
  }

  async #seal(said: Omit<Extract<Parameters<Told['tell']>[0], { t: 'evidence.stored' }>, 't'>) {
    const { told, shelf, disk } = this.#options;
    await told.tell({ t: 'evidence.stored', ...said });
    await shelf.seal(said.file).catch((error: unknown) => {
      if (!isDiskError(error)) throw error;
      disk(error);
    });
  }

  #missing(): void {
    const { told, id } = this.#options;
    if (this.#lost === 0) return;
    const why = this.#trouble ? `: ${sentenceOf(this.#trouble)}` : '';
    const detail = `${Math.ceil(this.#lost / 2)} s of a call could not be kept${why}`;
    this.#lost = 0;
    const said = { incident: id, what: 'talk', afterMs: null, detail } as const;
    void told.tell({ t: 'evidence.missing', ...said });
  }

  /** What was being written is left as after a crash, and mended like that. */
  #failed(error: Error): void {
    const { clock, disk, shelf } = this.#options;
    const writing = this.#writing;
    this.#writing = null;
    this.#trouble = error;
    if (writing) {
      this.#tell(writing);
      void writing.file
        .close()
        .catch((late: unknown) => {
          if (!isDiskError(late)) throw late;
        })
        .then(() => shelf.busy.delete(writing.name));
    }
    disk(error);
    if (this.#isOver) {
      this.#lost += this.#waiting.length;
      this.#waiting = [];
      return this.#missing();
    }
    this.#again = clock.after(againMs, () => {
      this.#again = null;
      this.#pump();
    });
  }
}
