// A picture of the dome for the panel, taken when it is asked for and kept for a moment, so that it can be
// fetched piece by piece. One at a time, and no more than one in two seconds.

import type * as z from 'zod';
import { NoSnapshot, SnapshotClient } from '../media/talk/snapshot.ts';
import type { Clock } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { localLimits, type pictureAsk, type picturePiece } from './words.ts';

/** A second one within this is the same. */
const freshMs = 2_000;
/** Then it is forgotten. */
const keptMs = 15_000;

export interface PictureOptions {
  readonly clock: Clock;
  /** Null: the dome has none, or not yet. */
  url(): string | null;
  /** Null: no dome. */
  readonly login: {
    readonly username: string;
    readonly password: string;
    ca: string | null;
  } | null;
}

interface Taken {
  readonly of: string;
  readonly jpeg: Buffer;
  readonly wallMs: number;
  readonly monoMs: number;
}

export class Picture {
  readonly #options: PictureOptions;
  #taken: Taken | null = null;
  #taking: Promise<Taken> | null = null;
  #client: { readonly url: string; readonly client: SnapshotClient } | null = null;
  #count = 0;
  #forget: (() => void) | null = null;

  constructor(options: PictureOptions) {
    this.#options = options;
  }

  /** Verb `local.picture`. Throws a `Refusal` where there is none. */
  async piece({ from, of }: z.infer<typeof pictureAsk>): Promise<z.infer<typeof picturePiece>> {
    const taken = from === 0 ? await this.#now() : this.#taken;
    if (!taken || (of !== null && of !== taken.of)) throw none('it has been forgotten');
    return {
      of: taken.of,
      bytes: taken.jpeg.length,
      takenWallMs: taken.wallMs,
      data: taken.jpeg.subarray(from, from + localLimits.pieceBytes).toString('base64'),
    };
  }

  close(): void {
    this.#forget?.();
  }

  #now(): Promise<Taken> {
    const { monoMs } = this.#options.clock.now();
    const last = this.#taken;
    if (last && monoMs - last.monoMs < freshMs) return Promise.resolve(last);
    this.#taking ??= this.#take().finally(() => {
      this.#taking = null;
    });
    return this.#taking;
  }

  async #take(): Promise<Taken> {
    const { clock, login } = this.#options;
    const url = this.#options.url();
    if (url === null || login === null) throw none('the dome gives no picture');
    if (this.#client?.url !== url)
      this.#client = { url, client: new SnapshotClient(clock, { url, ...login }) };
    try {
      const jpeg = await this.#client.client.get();
      const { wallMs, monoMs } = clock.now();
      this.#count += 1;
      this.#taken = { of: String(this.#count), jpeg, wallMs, monoMs };
    } catch (error) {
      if (error instanceof NoSnapshot) throw none(error.message);
      throw error;
    }
    this.#forget?.();
    this.#forget = clock.after(keptMs, () => {
      this.#taken = null;
    });
    return this.#taken;
  }
}

const none = (hint: string): Refusal =>
  new Refusal([{ field: 'picture', value: null, hint }], 'local.picture');
