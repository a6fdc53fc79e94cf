// The alarm journal: a preallocated file beside the database with what a press must not lose when the
// database is damaged, newer than this program, cannot be opened, or does not take commits.
// Two halves written in turn, each a whole snapshot with generation and CRC: a torn write costs one
// state, never the file. Written and flushed in the background: no commit waits for it. Where its own
// flush hangs, what is newer is written over the half that is being flushed.

import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Durable } from '../core/state.ts';
import type { Clock, OutboxRow } from '../ports.ts';
import { reasonOf } from './fault.ts';
import { Holdings } from './holdings.ts';
import type { SealedTurn } from './protocol.ts';
import { parseSnapshot, type Snapshot } from './snapshot.ts';

export const journalFile = 'alarm.journal';

/** Some thirty open incidents with their alarms; what a snapshot leaves out is counted in it. */
export const halfBytes = 64 * 1024;
const headerBytes = 24;
const magic = 0x474a3031;

/** What the database does not have is written at once; else there is time for PUBACK and receipt
 * to come first, and for one write instead of three. */
const soonMs = 10;
/** Progress of what the journal holds already. */
const lazyMs = 1000;
/** After a write that failed. */
const retryMs = 5000;

export interface JournalEvents {
  /** One sentence: it could not be written. */
  failed(reason: string): void;
  /** It was written again. */
  back(): void;
}

export interface JournalOptions {
  readonly file: string;
  readonly clock: Clock;
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #events: JournalEvents;
  readonly holdings = new Holdings();
  #file: FileHandle | null = null;
  /** Of the half that was flushed last; its parity says which. */
  #generation = 0;
  /** Of the next write. */
  #next = 1;
  /** Set where a whole snapshot was read. */
  #read: { readonly quiet: boolean } | null = null;
  #writing: Promise<void> | null = null;
  /** Set while its flush has not returned. */
  #flushing: FileHandle | null = null;
  #overtaking: Promise<void> | null = null;
  /** Its name is on disk. */
  #named = false;
  #dirty = false;
  #failing = false;
  #closing = false;
  #due: { readonly atMs: number; readonly cancel: () => void } | null = null;

  constructor(options: JournalOptions, events: JournalEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** The newest whole snapshot, or null where there is none. Blocks for a read of 128 KiB. */
  read(): Snapshot | null {
    const found = newestOf(readOrNull(this.#options.file));
    this.#generation = found?.generation ?? 0;
    const snapshot = found?.snapshot ?? null;
    const busy = snapshot?.alarms.length || snapshot?.entities.some(([tab]) => tab === 'incidents');
    this.#read = snapshot ? { quiet: !busy } : null;
    return snapshot;
  }

  /** Takes a sealed turn after its commit has returned. Costs the press an array push and a timer. */
  note(sealed: SealedTurn, durable: boolean): void {
    const news = this.holdings.note(sealed, durable);
    if (news === 'none') return;
    this.#dirty = true;
    if (news === 'progress') this.#flushIn(lazyMs);
    else this.#flushIn(durable ? soonMs : 0);
  }

  /** Everything noted so far is in the database. */
  durable(): void {
    this.holdings.durable();
    this.#dirty = true;
    this.#flushIn(lazyMs);
  }

  /** Takes what the terminal begins with. Written where the file may say otherwise: an idle start
   * over a good file writes nothing. */
  begin(at: Holdings['at'], durable: Durable, alarms: readonly OutboxRow[]): void {
    this.holdings.at = at;
    this.holdings.adopt(durable, alarms);
    if (this.#read?.quiet && this.holdings.quiet) return;
    this.#dirty = true;
    this.#flushIn(soonMs);
  }

  /** Flushes what is left; false where the disk did not take it in `ms`. */
  async close(ms: number): Promise<boolean> {
    this.#closing = true;
    this.#due?.cancel();
    const { clock } = this.#options;
    const endMs = clock.now().monoMs + ms;
    if (this.#dirty) this.#flush();
    while (this.#writing && clock.now().monoMs < endMs) {
      await new Promise<void>((next) => clock.after(2, next));
    }
    if (this.#writing) return false;
    await this.#file?.close();
    this.#file = null;
    return true;
  }

  #flushIn(ms: number): void {
    if (this.#closing) return;
    const atMs = this.#options.clock.now().monoMs + ms;
    if (this.#due && this.#due.atMs <= atMs) return;
    this.#due?.cancel();
    const cancel = this.#options.clock.after(ms, () => {
      this.#due = null;
      this.#flush();
    });
    this.#due = { atMs, cancel };
  }

  /** One write at a time; what comes meanwhile is in the next. */
  #flush(): void {
    if (!this.#dirty) return;
    if (this.#writing) return this.#overtake();
    this.#writing = this.#write().then(
      () => this.#written(),
      (error: unknown) => this.#failed(error),
    );
  }

  async #write(): Promise<void> {
    this.#file ??= await openWhole(this.#options.file);
    const file = this.#file;
    this.#next = this.#generation + 1;
    for (;;) {
      await this.#put(file);
      const flushed = this.#next;
      this.#flushing = file;
      await this.#sync(file).finally(() => {
        this.#flushing = null;
      });
      await this.#overtaking;
      if (this.#next === flushed) return;
    }
  }

  /** So that the end of a process that hangs on its disk loses nothing. The other half stays as the disk
   * has it, in case this one is torn. */
  #overtake(): void {
    const file = this.#flushing;
    if (!file || !this.holdings.behind || this.#overtaking) return;
    const done = (): void => {
      this.#overtaking = null;
      if (this.#dirty) this.#overtake();
    };
    // What the disk says against it is told by the next write.
    this.#overtaking = this.#put(file).then(done, done);
  }

  async #sync(file: FileHandle): Promise<void> {
    await file.datasync();
    if (!this.#named) await syncDirOf(this.#options.file);
    this.#named = true;
  }

  async #put(file: FileHandle): Promise<void> {
    this.#dirty = false;
    const generation = this.#next;
    this.#next += 2;
    const bytes = encode(generation, this.holdings.snapshot(halfBytes - headerBytes));
    const { bytesWritten } = await file.write(bytes, 0, bytes.length, (generation % 2) * halfBytes);
    if (bytesWritten < bytes.length) throw new Error('the disk took a part of it only');
  }

  #written(): void {
    this.#generation = this.#next - 2;
    this.#writing = null;
    if (this.#failing) this.#events.back();
    this.#failing = false;
    if (!this.#dirty) return;
    if (this.#closing || this.holdings.behind) this.#flush();
    else this.#flushIn(soonMs);
  }

  async #failed(error: unknown): Promise<void> {
    const file = this.#file;
    this.#file = null;
    this.#writing = null;
    this.#dirty = true;
    if (!this.#failing) this.#events.failed(reasonOf(error));
    this.#failing = true;
    this.#flushIn(retryMs);
    await file?.close().catch((closing: unknown) => this.#events.failed(reasonOf(closing)));
  }
}

/** At its full size before it is needed: later writes need no block and no journal of the file system. */
async function openWhole(file: string): Promise<FileHandle> {
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    if (size < 2 * halfBytes) {
      await handle.write(Buffer.alloc(2 * halfBytes - size));
    }
  } finally {
    await handle.close();
  }
  return await open(file, 'r+');
}

async function syncDirOf(file: string): Promise<void> {
  const dir = await open(dirname(file), 'r');
  try {
    await dir.sync();
  } finally {
    await dir.close();
  }
}

/** Magic, length, generation, CRC over all but itself, body. */
export function encode(generation: number, text: string): Buffer {
  const body = Buffer.from(text);
  const bytes = Buffer.alloc(headerBytes + body.length);
  bytes.writeUInt32BE(magic, 0);
  bytes.writeUInt32BE(body.length, 4);
  bytes.writeBigUInt64BE(BigInt(generation), 8);
  body.copy(bytes, headerBytes);
  bytes.writeUInt32BE(sumOf(bytes), 16);
  return bytes;
}

const sumOf = (bytes: Buffer): number =>
  crc32(bytes.subarray(headerBytes), crc32(bytes.subarray(0, 16)));

function readOrNull(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    // Absent, or on a disk that cannot be read: either way there is nothing to go on from.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

interface Found {
  readonly generation: number;
  readonly snapshot: Snapshot;
}

/** Whatever is not whole is as if it were not there. */
export function newestOf(bytes: Buffer | null): Found | null {
  if (!bytes) return null;
  const halves = [0, halfBytes].flatMap((from) => decode(bytes.subarray(from, from + halfBytes)));
  return halves.sort((a, b) => b.generation - a.generation)[0] ?? null;
}

function decode(half: Buffer): Found[] {
  if (half.length < headerBytes || half.readUInt32BE(0) !== magic) return [];
  const length = half.readUInt32BE(4);
  if (length > half.length - headerBytes) return [];
  const bytes = half.subarray(0, headerBytes + length);
  if (sumOf(bytes) !== half.readUInt32BE(16)) return [];
  const snapshot = parseSnapshot(bytes.toString('utf8', headerBytes));
  return snapshot ? [{ generation: Number(half.readBigUInt64BE(8)), snapshot }] : [];
}
