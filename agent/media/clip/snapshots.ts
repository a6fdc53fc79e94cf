// Pictures of the moment: a JPEG from the dome at fixed times after a press, stored and told like a file of
// the clip. What cannot be had in time is told as missing; each is tried anew until then.

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Clock } from '../../ports.ts';
import { sealed } from '../../sealed/format.ts';
import { NoSnapshot, SnapshotClient } from '../talk/snapshot.ts';
import type { EvidenceWanted, SnapshotSource } from '../wire.ts';
import { isDiskError, sentenceOf } from './disk.ts';
import type { Shelf } from './shelf.ts';
import type { Told } from './told.ts';

export type Shot = EvidenceWanted['snapshots'][number];

export interface SnapshotsOptions {
  readonly clock: Clock;
  readonly shelf: Shelf;
  readonly told: Told;
}

/** After its time a picture is one of another moment. */
const lateMs = 5_000;
const againMs = 500;
const fileOf = ({ incident, afterMs }: Shot): string => `${incident}-${afterMs}.jpg`;

export class Snapshots {
  readonly #options: SnapshotsOptions;
  readonly #known = new Map<string, () => void>();
  #source: SnapshotSource | null = null;
  #client: SnapshotClient | null = null;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /** Those that are told stay wanted until they are a record. */
  want(shots: readonly Shot[], source: SnapshotSource | null): void {
    if (JSON.stringify(source) !== JSON.stringify(this.#source)) {
      this.#source = source;
      this.#client = source && new SnapshotClient(this.#options.clock, source);
    }
    const wanted = new Set(shots.map(fileOf));
    for (const [key, cancel] of this.#known) {
      if (wanted.has(key)) continue;
      cancel();
      this.#known.delete(key);
    }
    for (const shot of shots) if (!this.#known.has(fileOf(shot))) this.#schedule(shot, shot.atMs);
  }

  close(): void {
    for (const cancel of this.#known.values()) cancel();
    this.#known.clear();
  }

  /** `before`: why it was not had at the last try. */
  #schedule(shot: Shot, atMs: number, before: string | null = null): void {
    const { clock } = this.#options;
    const delayMs = Math.max(0, atMs - clock.now().monoMs);
    this.#known.set(
      fileOf(shot),
      clock.after(delayMs, () => void this.#take(shot, before)),
    );
  }

  async #take(shot: Shot, before: string | null): Promise<void> {
    const { clock, told } = this.#options;
    const isLate = () => clock.now().monoMs > shot.atMs + lateMs;
    const tooLate = before ?? 'the terminal was not at work then';
    const detail = isLate() ? tooLate : await this.#try(shot);
    if (detail === null || !this.#known.has(fileOf(shot))) return;
    if (!isLate()) return this.#schedule(shot, clock.now().monoMs + againMs, detail);
    const { incident, afterMs } = shot;
    void told.tell({ t: 'evidence.missing', incident, what: 'snapshot', afterMs, detail });
  }

  /** Why not, or null. */
  async #try(shot: Shot): Promise<string | null> {
    const { shelf } = this.#options;
    if (!this.#client) return 'the dome gives no snapshots';
    try {
      const jpeg = await this.#client.get();
      await this.#keep(shot, jpeg);
      return null;
    } catch (error) {
      if (error instanceof NoSnapshot) return `no snapshot from the dome: ${error.message}`;
      if (!isDiskError(error)) throw error;
      shelf.busy.delete(fileOf(shot));
      return sentenceOf(error);
    }
  }

  async #keep(shot: Shot, jpeg: Buffer): Promise<void> {
    const { shelf, told, clock } = this.#options;
    const { incident, afterMs } = shot;
    const file = fileOf(shot);
    await shelf.expectRoom();
    shelf.busy.add(file);
    const handle = await open(shelf.pathOf(file), 'w', 0o600);
    try {
      await handle.writeFile(shelf.master ? sealed(shelf.master, jpeg) : jpeg);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await shelf.syncNames();
    await told.tell({
      ...({ t: 'evidence.stored', file, incident, what: 'snapshot', afterMs } as const),
      ...{ bytes: jpeg.length, sha256: createHash('sha256').update(jpeg).digest('hex') },
      ...{ wallMs: clock.now().wallMs, lengthMs: 0, missingMs: 0, fragments: 1, mended: false },
      video: null,
    });
    await shelf.seal(file);
  }
}
