// The picture where no video gets through: snapshots, two a second, fetched once for all who watch, and
// sent to each as his line allows. Whoever is not done with one does without the next.

import type { Clock } from '../../ports.ts';
import type { MediaSaid, SnapshotSource } from '../wire.ts';
import type { GateChannel } from './gate-channel.ts';
import { NoSnapshot, SnapshotClient } from './snapshot.ts';

const everyMs = 500;
const afterFailureMs = 2_000;
const fault = 'talk.picture';
const noSource = 'the dome gives no snapshots';

export class Pictures {
  readonly #clock: Clock;
  readonly #say: (message: MediaSaid) => void;
  #key = 'null';
  #client: SnapshotClient | null = null;
  #watching: readonly GateChannel[] = [];
  #isFetching = false;
  #nextMs = 0;
  #isFaulty = false;

  constructor(clock: Clock, say: (message: MediaSaid) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  want(source: SnapshotSource | null): void {
    const key = JSON.stringify(source);
    if (key === this.#key) return;
    this.#key = key;
    this.#client = source && new SnapshotClient(this.#clock, source);
    this.#nextMs = 0;
    this.#tell(null);
  }

  /** To be called every few milliseconds while anybody is connected. */
  show(channels: readonly GateChannel[]): void {
    this.#watching = channels.filter(({ wantsPicture }) => wantsPicture);
    for (const channel of this.#watching) channel.pump();
    const nowMs = this.#clock.now().monoMs;
    if (this.#watching.length === 0 || this.#isFetching || nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + everyMs;
    const client = this.#client;
    if (!client) for (const channel of this.#watching) channel.pictureFault(noSource);
    else void this.#fetch(client);
  }

  async #fetch(client: SnapshotClient): Promise<void> {
    this.#isFetching = true;
    try {
      const jpeg = await client.get();
      if (client !== this.#client) return;
      this.#tell(null);
      for (const channel of this.#watching) if (channel.isFree) channel.picture(jpeg);
    } catch (error) {
      if (!(error instanceof NoSnapshot)) throw error;
      if (client !== this.#client) return;
      this.#nextMs = this.#clock.now().monoMs + afterFailureMs;
      this.#tell(`no snapshot from the dome: ${error.message}`);
    } finally {
      this.#isFetching = false;
    }
  }

  /** The callers at once; the daemon when it changes. */
  #tell(detail: string | null): void {
    for (const channel of this.#watching) channel.pictureFault(detail);
    if (detail === null && !this.#isFaulty) return;
    this.#isFaulty = detail !== null;
    this.#say({ t: 'fault', fault, detail });
  }
}
