// A case is being recorded and no pictures come: told while it lasts, once an outage, for a file says so only
// when it is whole. What was had before and comes after stays as it is.

import { evidenceTimes } from '../../core/evidence.ts';
import type { Clock } from '../../ports.ts';
import type { EvidenceWanted } from '../wire.ts';
import { type Ring, ticksPerMs } from './ring.ts';
import type { Told } from './told.ts';

export const outageTimes = {
  /** A dome that reboots quickly is back before. */
  tellMs: 10_000,
  lookMs: 1_000,
} as const;
/** Of one clip: of a stream that comes and goes the files tell the rest. */
const toldMax = 10;

type Clip = NonNullable<EvidenceWanted['clip']>;

export interface OutagesOptions {
  readonly clock: Clock;
  readonly ring: Ring;
  readonly told: Told;
  /** Why there is no picture, where that is known. */
  readonly why: () => string | null;
}

export class Outages {
  readonly #options: OutagesOptions;
  #clip: Clip | null = null;
  #sinceMs = 0;
  #told = 0;
  #isOut = false;
  #cancel: () => void = () => undefined;

  constructor(options: OutagesOptions) {
    this.#options = options;
  }

  want(clip: Clip | null): void {
    const isSame = clip?.id === this.#clip?.id;
    this.#clip = clip;
    if (isSame) return;
    this.#cancel();
    this.#sinceMs = this.#options.clock.now().monoMs;
    this.#told = 0;
    this.#isOut = false;
    if (clip) this.#later();
  }

  close(): void {
    this.#cancel();
  }

  #later(): void {
    this.#cancel = this.#options.clock.after(outageTimes.lookMs, () => {
      this.#look();
      this.#later();
    });
  }

  #look(): void {
    const { clock, ring } = this.#options;
    const lastMs = ring.lastTicks === null ? 0 : ring.lastTicks / ticksPerMs;
    const sinceMs = Math.max(this.#sinceMs, lastMs);
    const isOut = clock.now().monoMs - sinceMs >= outageTimes.tellMs;
    if (isOut && !this.#isOut) this.#tell(sinceMs);
    this.#isOut = isOut;
  }

  #tell(sinceMs: number): void {
    const clip = this.#clip;
    if (!clip || ++this.#told > toldMax) return;
    const { told, why } = this.#options;
    // After a reboot of the terminal nobody knows how long ago that was.
    const pressMs = clip.fromMs + evidenceTimes.beforeMs;
    const afterS = Math.max(0, Math.round((sinceMs - pressMs) / 1000));
    const when = clip.fromMs === 0 ? 'for 10 s' : `since ${afterS} s after the press`;
    const trouble = why();
    const detail = `no pictures ${when}${trouble === null ? '' : `: the stream ${trouble}`}`;
    const said = { t: 'evidence.missing', incident: clip.id, what: 'clip', afterMs: null } as const;
    void told.tell({ ...said, detail });
  }
}
