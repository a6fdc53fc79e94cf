// A dome that follows by itself does not say whom, nor that it has found anybody: it is seen to stand, and
// then to turn though nobody has it turn. Looks once a second while it should follow; one that tells
// neither where it looks nor whether it moves is not understood, and nothing is told.

import type { Clock } from '../../ports.ts';
import { asDomeError } from '../error.ts';
import type { Status } from '../motion-operations.ts';

export const roamingTimes = {
  lookMs: 1_000,
  /** Stood for so long, it has nobody. */
  standsMs: 3_000,
} as const;

/** Of its whole range: less than a degree of pan. */
const turns = 0.004;

export interface RoamingParts {
  readonly clock: Clock;
  /** Rejects with a `DomeError`. */
  readonly look: () => Promise<Status>;
  /** It has begun to turn after somebody. */
  readonly met: () => void;
}

export class Roaming {
  readonly #parts: RoamingParts;
  #round = 0;
  #cancel: () => void = () => {};
  #before: Status | null = null;
  /** Since when it stands, monotonic milliseconds; null: it turns. */
  #stillMs: number | null = null;
  #failures = 0;

  constructor(parts: RoamingParts) {
    this.#parts = parts;
  }

  /** `true` again: it has been sent somewhere, and what it did there counts for nothing. */
  want(on: boolean): void {
    this.#cancel();
    this.#round += 1;
    this.#before = null;
    this.#stillMs = null;
    this.#failures = 0;
    if (on) this.#later();
  }

  #later(): void {
    const delayMs = roamingTimes.lookMs * 2 ** Math.min(5, this.#failures);
    this.#cancel = this.#parts.clock.after(delayMs, () => void this.#look(this.#round));
  }

  async #look(round: number): Promise<void> {
    try {
      const status = await this.#parts.look();
      if (round !== this.#round) return;
      this.#failures = 0;
      this.#saw(status);
    } catch (error) {
      asDomeError(error);
      if (round !== this.#round) return;
      this.#failures += 1;
      this.#before = null;
    }
    this.#later();
  }

  #saw(status: Status): void {
    const before = this.#before;
    this.#before = status;
    const { monoMs } = this.#parts.clock.now();
    if (!hasTurned(before, status)) {
      this.#stillMs ??= monoMs;
      return;
    }
    const stoodMs = this.#stillMs === null ? 0 : monoMs - this.#stillMs;
    this.#stillMs = null;
    if (stoodMs >= roamingTimes.standsMs) this.#parts.met();
  }
}

/** By where it looks; where it does not tell that, by what it says (MoveStatus is frozen on some makes). */
function hasTurned(before: Status | null, now: Status): boolean {
  const [was, is] = [before?.place, now.place];
  if (is.pan === null || is.tilt === null) return now.moving === true;
  if (was === undefined || was.pan === null || was.tilt === null) return false;
  return Math.abs(is.pan - was.pan) > turns || Math.abs(is.tilt - was.tilt) > turns;
}
