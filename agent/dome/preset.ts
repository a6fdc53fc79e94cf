// Where the dome looks: sent once when the target changes and once after the dome was away. Never
// repeated otherwise, since a dispatcher may have turned it meanwhile; a failed move is retried four times,
// and so is one that the dome said yes to and did not make, as far as it can be seen.

import type { DomeTarget } from '../core/target.ts';
import type { Clock } from '../ports.ts';
import type { Arrival, Arrivals } from './arrival.ts';
import { asDomeError, DomeError } from './error.ts';

export const presetTimes = { retryMs: [1000, 2000, 4000, 8000] } as const;

export interface PresetParts {
  readonly presets: { readonly alarm: string | null; readonly guard: string | null };
  readonly clock: Clock;
  readonly goto: (preset: string, signal: AbortSignal) => Promise<void>;
  readonly arrivals: Arrivals;
  /** It has taken the word, at whichever try. */
  readonly reached: () => void;
  readonly outcome: (trouble: string | null) => void;
}

export class PresetControl {
  readonly #parts: PresetParts;
  #target: DomeTarget['preset'] = 'guard';
  #abort: AbortController | null = null;
  #settled: Promise<unknown> = Promise.resolve();
  /** Of the last move that was taken. */
  #arrival: Promise<Arrival> = Promise.resolve('unknown');
  #watching = new AbortController();
  /** The last move was taken and not made; and that has been told. */
  #isDisproved = false;
  #lied = false;
  #closed = false;
  #stopTimer: () => void = () => {};

  constructor(parts: PresetParts) {
    this.#parts = parts;
  }

  /** Resolves when the last try has been answered, well or not. */
  get settled(): Promise<unknown> {
    return this.#settled;
  }

  want(target: DomeTarget['preset']): void {
    if (target === this.#target) return;
    this.#target = target;
    this.assert();
  }

  /** Moves there now; used when the dome is back. Turned by hand, it is left where it is. */
  assert(): void {
    if (this.#target === null) this.#giveUp();
    else this.#settled = this.move(this.#target);
  }

  /** Resolves to the preset's name, to an error, or to null where the profile names none. */
  async move(to: 'alarm' | 'guard', attempt = 0): Promise<string | DomeError | null> {
    this.#giveUp();
    const preset = this.#parts.presets[to];
    if (preset === null || this.#closed) return null;
    const abort = new AbortController();
    this.#abort = abort;
    try {
      await this.#parts.goto(preset, abort.signal);
      if (this.#abort === abort) {
        if (!this.#lied) this.#parts.outcome(null);
        this.#parts.reached();
        this.#arrival = this.#watch(to, preset, attempt, abort);
      }
      return preset;
    } catch (error) {
      const failure = asDomeError(error);
      if (this.#abort === abort) this.#failed(to, preset, failure, attempt);
      return failure;
    }
  }

  /** Something else turns it from now on: where it looks says nothing of the preset any more. */
  leave(): void {
    this.#watching.abort();
    if (this.#isDisproved) this.#stopTimer();
  }

  /** How the move came off that was taken last, as far as it is known by then. */
  seen(withinMs: number): Promise<Arrival> {
    return new Promise((done) => {
      const cancel = this.#parts.clock.after(withinMs, () => done('unknown'));
      void this.#arrival.then((arrival) => {
        cancel();
        done(arrival);
      });
    });
  }

  /** After a test, which went to the alarm preset: to where the dome should look. */
  restore(target: DomeTarget['preset']): void {
    this.#target = target;
    if (target !== 'alarm') this.assert();
  }

  close(): void {
    this.#closed = true;
    this.#giveUp();
  }

  async #watch(
    to: 'alarm' | 'guard',
    preset: string,
    attempt: number,
    abort: AbortController,
  ): Promise<Arrival> {
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    const arrival = await this.#parts.arrivals.watch(preset, signal);
    if (this.#abort !== abort || signal.aborted) return 'unknown';
    if (arrival === 'arrived') {
      this.#lied = false;
      this.#parts.outcome(null);
    }
    if (arrival === 'unmoved') {
      this.#isDisproved = true;
      this.#lied ||= attempt >= 1;
      const failure = new DomeError('unverified', 'the dome says yes and does not turn');
      this.#failed(to, preset, failure, attempt);
    }
    return arrival;
  }

  #giveUp(): void {
    this.#stopTimer();
    this.#watching.abort();
    this.#isDisproved = false;
    this.#abort?.abort();
    this.#abort = null;
  }

  #failed(to: 'alarm' | 'guard', preset: string, failure: DomeError, attempt: number): void {
    // A dome that is away gets its target when it is back.
    if (failure.kind === 'unreachable' || failure.kind === 'held') return;
    if (attempt >= 1) this.#parts.outcome(`preset ${preset} was not reached: ${failure.message}`);
    const delayMs = presetTimes.retryMs[attempt];
    if (delayMs === undefined || this.#closed) return;
    this.#stopTimer = this.#parts.clock.after(delayMs, () => void this.move(to, attempt + 1));
  }
}
