// Where the dome looks by itself and whether it follows people, one after the other: it is at its preset
// before it follows, and follows nobody any more before it is sent back. Gives way at once to the stick.

import type { DomeTarget } from '../core/target.ts';
import type { Clock } from '../ports.ts';
import type { Actuator } from './actuator.ts';
import { asDomeError } from './error.ts';
import type { Status } from './motion-operations.ts';
import type { PresetControl } from './preset.ts';

export const gazeTimes = {
  /** It is sent back after so long, even if it has not taken the word that ends its following. */
  endMs: 2500,
  /** It follows after so long, even if it has not told that it has arrived. */
  arriveMs: 5000,
  /** Between two looks whether it has arrived. */
  againMs: 200,
} as const;

export interface GazeParts {
  readonly clock: Clock;
  readonly preset: PresetControl;
  readonly tracking: Actuator;
  /** Whether it follows people now; told again where it has been sent to its preset meanwhile. */
  readonly follows: (on: boolean) => void;
  /** Rejects with a `DomeError` where it does not tell. */
  readonly look: (signal: AbortSignal) => Promise<Status>;
}

type Looks = Pick<DomeTarget, 'preset' | 'tracking'>;

export class Gaze {
  readonly #parts: GazeParts;
  #target: Looks = { preset: 'guard', tracking: false };
  #follows = false;
  /** The newest wins: what an older one still waits for is void. */
  #newest = new AbortController();

  constructor(parts: GazeParts) {
    this.#parts = parts;
  }

  want({ preset, tracking }: Looks): void {
    const before = this.#target;
    if (before.preset === preset && before.tracking === tracking) return;
    this.#target = { preset, tracking };
    void this.#go(
      () => this.#parts.preset.want(preset),
      () => this.#parts.tracking.try(false),
      () => this.#parts.tracking.want(true),
    );
  }

  /** The dome is back. */
  assert(): void {
    const { preset, tracking } = this.#parts;
    void this.#go(
      () => preset.assert(),
      () => tracking.assert(true, false),
      () => void tracking.assert(true, true),
    );
  }

  /** It was sent to its preset, after all: that may have ended its following. */
  reached(): void {
    if (!this.#follows) return;
    this.#parts.follows(true);
    void this.#parts.tracking.assert(false);
  }

  close(): void {
    this.#newest.abort();
    this.#parts.follows(false);
    this.#parts.preset.close();
    this.#parts.tracking.close();
  }

  async #go(look: () => void, end: () => Promise<unknown>, follow: () => void): Promise<void> {
    this.#newest.abort();
    this.#newest = new AbortController();
    this.#follows = false;
    this.#parts.follows(false);
    const { signal } = this.#newest;
    const { preset } = this.#parts;
    if (this.#target.tracking) {
      look();
      await this.#within(gazeTimes.arriveMs, async () => {
        await preset.settled;
        await this.#arrives(signal);
      });
      if (signal.aborted) return;
      preset.leave();
      this.#follows = true;
      this.#parts.follows(true);
      return follow();
    }
    // A hand is on the stick: nothing of our own moves it any more.
    if (this.#target.preset === null) look();
    await this.#within(gazeTimes.endMs, end);
    if (!signal.aborted) look();
  }

  /** Until it stands, or does not tell. */
  async #arrives(signal: AbortSignal): Promise<void> {
    const { clock, look } = this.#parts;
    let isMoving = true;
    while (isMoving && !signal.aborted) {
      await new Promise<void>((done) => {
        clock.after(gazeTimes.againMs, done);
      });
      try {
        isMoving = (await look(signal)).moving === true;
      } catch (error) {
        asDomeError(error);
        return;
      }
    }
  }

  #within(ms: number, work: () => Promise<unknown>): Promise<void> {
    return new Promise((done) => {
      const cancel = this.#parts.clock.after(ms, done);
      void work().then(() => {
        cancel();
        done();
      });
    });
  }
}
