// Whether the dome turns when it says that it does: where it tells that it looks, against where it tells that
// the preset is. Believed only of a dome that was seen to arrive at one before: some tell no places, some the
// same one for ever, some tell it half a minute late, and none of those lies.

import type { Clock } from '../ports.ts';
import { asDomeError } from './error.ts';
import type { Place, Status } from './motion-operations.ts';
import { pause } from './pause.ts';

export const arrivalTimes = {
  /** Between two looks, at first and later. */
  lookMs: 300,
  laterMs: 2000,
  firstMs: 5000,
  /** It has not been turned when it is where it was after so long, */
  unmovedMs: 1500,
  /** and after so many times the longest that it took to be seen to turn. */
  timesSlowest: 3,
  /** One that is under way is not looked at for longer. */
  patienceMs: 90_000,
} as const;

/** Generic units: at the preset, and where it was. 5 degrees of pan are not worth a fault. */
const there = 0.03;
const unmoved = 0.005;

export type Arrival =
  | 'arrived'
  /** Said yes, and looks where it looked before. */
  | 'unmoved'
  /** It does not tell, is still under way, or somebody else has turned it. */
  | 'unknown';

export interface ArrivalsParts {
  readonly clock: Clock;
  /** Rejects with a `DomeError`. */
  readonly look: (signal: AbortSignal) => Promise<Status>;
  /** Null where the dome does not tell. `anew`: asks for it, rejects with a `DomeError`. */
  readonly place: (preset: string, anew: boolean) => Promise<Place | null>;
}

interface Spot {
  readonly pan: number;
  readonly tilt: number;
}

const spotOf = (place: Place | null): Spot | null =>
  place && place.pan !== null && place.tilt !== null ? { pan: place.pan, tilt: place.tilt } : null;

/** Pan goes round: -1 and 1 are one place. */
function apart(a: Spot, b: Spot): number {
  const pan = Math.abs(a.pan - b.pan);
  return Math.max(Math.min(pan, 2 - pan), Math.abs(a.tilt - b.tilt));
}

export class Arrivals {
  readonly #parts: ArrivalsParts;
  /** It was seen to come to a preset from elsewhere. */
  #trusted = false;
  /** From the answer to the first look that shows another place, at the longest. */
  #slowestMs = 0;

  constructor(parts: ArrivalsParts) {
    this.#parts = parts;
  }

  /** The dome has just said yes. Never rejects for what a dome does. */
  async watch(preset: string, signal: AbortSignal): Promise<Arrival> {
    try {
      return await this.#watch(preset, signal);
    } catch (error) {
      asDomeError(error);
      return 'unknown';
    }
  }

  async #watch(preset: string, signal: AbortSignal): Promise<Arrival> {
    const { clock, look, place } = this.#parts;
    const sentMs = clock.now().monoMs;
    const to = spotOf(await place(preset, false));
    let first: Spot | null = null;
    let movedMs: number | null = null;
    while (to && !signal.aborted) {
      const at = spotOf((await look(signal)).place);
      if (!at) return 'unknown';
      const sinceMs = clock.now().monoMs - sentMs;
      first ??= at;
      if (movedMs === null && apart(at, first) > unmoved) movedMs = sinceMs;
      if (apart(at, to) <= there) return this.#arrived(movedMs);
      if (movedMs === null && sinceMs > this.#patienceMs) return await this.#blame(preset, to, at);
      if (sinceMs > arrivalTimes.patienceMs) return 'unknown';
      const { firstMs, lookMs, laterMs } = arrivalTimes;
      await pause(this.#parts.clock, sinceMs < firstMs ? lookMs : laterMs, signal);
    }
    return 'unknown';
  }

  #arrived(movedMs: number | null): Arrival {
    if (movedMs !== null) {
      this.#trusted = true;
      this.#slowestMs = Math.max(this.#slowestMs, movedMs);
    }
    return 'arrived';
  }

  get #patienceMs(): number {
    const { unmovedMs, timesSlowest, patienceMs } = arrivalTimes;
    if (!this.#trusted) return patienceMs;
    return Math.max(unmovedMs, timesSlowest * this.#slowestMs);
  }

  /** Unless the preset was saved anew meanwhile. */
  async #blame(preset: string, known: Spot, at: Spot): Promise<Arrival> {
    if (!this.#trusted) return 'unknown';
    const now = spotOf(await this.#parts.place(preset, true));
    if (!now || apart(now, known) > unmoved) return 'unknown';
    return apart(now, at) <= there ? 'arrived' : 'unmoved';
  }
}
