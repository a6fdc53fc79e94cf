// Is there anything to be seen? Now and then a snapshot is looked at: black, covered, or the very same bytes
// as before. A picture that cannot be had or read is none of our business here. Told when it was so twice.

import { createHash } from 'node:crypto';
import type { Clock } from '../../ports.ts';
import { NoSnapshot, SnapshotClient } from '../talk/snapshot.ts';
import type { MediaSaid, SnapshotSource } from '../wire.ts';
import { lookAt } from './jpeg.ts';

export const pictureWatchTimes = {
  firstMs: 60_000,
  everyMs: 600_000,
  /** After one that differs from what is told. */
  againMs: 60_000,
} as const;

/** Darker than any gate with a lamp in sight. */
const blackMax = 12;
/** A street in fog has more; a hand, a bag or paint on the glass has not. */
const coveredMax = 4;

type Trouble = 'black' | 'covered' | 'frozen';

const sayings: { readonly [T in Trouble]: string } = {
  black: "the dome's picture is black; look at its lens, its iris and the light at the gate",
  covered: "there is nothing to be seen in the dome's picture; see whether its glass is covered",
  frozen: "the dome's picture stands still; restart the dome",
};

export interface PictureWatchOptions {
  readonly clock: Clock;
  readonly say: (said: MediaSaid) => void;
}

export class PictureWatch {
  readonly #options: PictureWatchOptions;
  #key = '';
  #client: SnapshotClient | null = null;
  #cancel: () => void = () => {};
  #hash = '';
  #seen: Trouble | null = null;
  #told: Trouble | null = null;

  constructor(options: PictureWatchOptions) {
    this.#options = options;
  }

  want(source: SnapshotSource | null): void {
    const key = JSON.stringify(source);
    if (key === this.#key) return;
    this.#key = key;
    this.#client = source && new SnapshotClient(this.#options.clock, source);
    this.#hash = '';
    this.#later(pictureWatchTimes.firstMs);
  }

  close(): void {
    this.#cancel();
    this.#client = null;
  }

  #later(delayMs: number): void {
    this.#cancel();
    if (this.#client) this.#cancel = this.#options.clock.after(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    try {
      const jpeg = await client.get();
      if (client === this.#client) this.#judge(jpeg);
    } catch (error) {
      if (!(error instanceof NoSnapshot)) throw error;
      // A user that was refused is not tried again: makes lock him out.
      if (/refused/.test(error.message)) return;
    }
    if (client !== this.#client) return;
    const { everyMs, againMs } = pictureWatchTimes;
    this.#later(this.#seen === this.#told ? everyMs : againMs);
  }

  #judge(jpeg: Buffer): void {
    const hash = createHash('sha256').update(jpeg).digest('hex');
    const found = troubleOf(jpeg, hash === this.#hash);
    this.#hash = hash;
    const isAgain = found === this.#seen;
    this.#seen = found;
    if (!isAgain || found === this.#told) return;
    const say = (detail: string | null) =>
      this.#options.say({ t: 'fault', fault: 'picture', detail });
    if (this.#told) say(null);
    if (found) say(sayings[found]);
    this.#told = found;
  }
}

function troubleOf(jpeg: Buffer, isSame: boolean): Trouble | null {
  const seen = lookAt(jpeg);
  if (seen && seen.mean < blackMax && seen.spread < 2 * coveredMax) return 'black';
  if (seen && seen.spread < coveredMax) return 'covered';
  return isSame ? 'frozen' : null;
}
