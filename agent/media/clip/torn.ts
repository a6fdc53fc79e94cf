// Files that nobody writes any more: cut to what is whole, told, given their name.

import type { EvidenceKind } from '../../core/evidence.ts';
import { KeyMissing, SealBroken } from '../../sealed/format.ts';
import { type Mended, mend } from './mend.ts';
import type { Kept, Shelf } from './shelf.ts';
import type { Told } from './told.ts';

export interface TornOptions {
  readonly shelf: Shelf;
  readonly told: Told;
  /** What a film of this shelf is. */
  readonly what: EvidenceKind;
  /** Runs what asks something of the disk when the file is a record. */
  readonly onDisk: (work: () => Promise<void>) => Promise<void>;
}

/** Throws what the disk throws. */
export async function mendTorn({ shelf, told, what, onDisk }: TornOptions): Promise<void> {
  for (const file of await shelf.torn()) {
    const { name, incident } = file;
    // A snapshot that is no record yet is taken again, or told as missing; a bundle is made again.
    const whole = /\.(mp4|m4a)$/.test(name) ? await tried(file, shelf) : null;
    // Its key may come back, and it with it.
    if (whole === 'locked') continue;
    if (!whole) {
      await shelf.remove(file);
      continue;
    }
    shelf.busy.add(name);
    const said = { file: name, incident, what, afterMs: null, mended: true } as const;
    void told
      .tell({ t: 'evidence.stored', ...said, ...whole })
      .then(() => onDisk(() => shelf.seal(name)));
  }
}

async function tried({ path }: Kept, { master }: Shelf): Promise<Mended | 'locked' | null> {
  try {
    return await mend(path, master);
  } catch (error) {
    if (error instanceof KeyMissing) return 'locked';
    if (error instanceof SealBroken) return null;
    throw error;
  }
}
