// Keeps a child place alive (talk, live, panel): starts it, replaces it when it is dead, hung, growing
// or babbling, tells `<place>.down`, and stops it in bounded time. What is said is checked both ways.
// A place that comes up knows nothing: `up` is where its owner tells it everything that is wanted.

import type * as z from 'zod';
import type { Clock, Sink } from '../ports.ts';
import { Life, type LifeLimits, lifeLimits } from './place/life.ts';
import { checked, Problem } from './place/wire.ts';

export interface PlaceOptions<Heard, Told> {
  /** Name of the place, as its fault begins. */
  readonly place: string;
  readonly command: readonly [string, ...string[]];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What it may say, and may be told. */
  readonly hears: z.ZodType<Heard>;
  readonly tells: z.ZodType<Told>;
  readonly clock: Clock;
  /** A number in [0, 1): jitter. */
  readonly chance: () => number;
  readonly heard: (message: Heard) => void;
  readonly up: () => void;
  /** It has ended by itself; what it was doing is lost. */
  readonly down?: () => void;
  /** A line of its standard output or error, for the log. */
  readonly said: (line: string) => void;
  readonly limits?: Partial<LifeLimits & { readonly wellMs: number }>;
}

/** A fork of the daemon holds its loop for 6 to 15 ms: not within so long of an edge .. */
const calmMs = 500;
/** .. unless edges have come for so long. */
const calmWithinMs = 1000;
const firstPauseMs = 250;
const pauseMsMax = 30_000;
/** A place that has been up for so long is well: its fault is cleared, its failures are forgotten. */
const wellMsDefault = 10_000;

/** Pause before the next life after so many short ones in a row: 250 ms, doubled, 30 s at most, and a
 * quarter more or less. */
export const pauseMs = (failures: number, chance: number): number =>
  Math.min(pauseMsMax, firstPauseMs * 2 ** Math.min(failures, 20) * (0.75 + 0.5 * chance));

export class Supervisor<Heard, Told> {
  readonly #options: PlaceOptions<Heard, Told>;
  #sink: Sink | null = null;
  #life: Life | null = null;
  #failures = 0;
  #isOpen = false;
  #calmAtMs = Number.NEGATIVE_INFINITY;
  #cancel: () => void = () => undefined;

  constructor(options: PlaceOptions<Heard, Told>) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#life?.isUp ?? false;
  }

  /** Null between two lives. */
  get pid(): number | null {
    return this.#life?.pid ?? null;
  }

  open(sink: Sink): void {
    this.#sink = sink;
    this.#isOpen = true;
    this.#start();
  }

  /** False where the place is not up: dropped, for `up` will ask for everything anew. Throws what
   * `tells` does not know: that is our own bug. */
  send(message: Told): boolean {
    return this.#life?.send(this.#options.tells.parse(message)) ?? false;
  }

  /** An edge was seen: a place that is to be started waits for a moment without. */
  giveWay(): void {
    this.#calmAtMs = this.#options.clock.now().monoMs + calmMs;
  }

  /** SIGTERM, and SIGKILL after 2 s. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#cancel();
    const life = this.#life;
    this.#life = null;
    await life?.stop();
  }

  #startWhenCalm(dueMs: number, latestMs: number): void {
    if (!this.#isOpen) return;
    const { clock } = this.#options;
    const waitMs = Math.max(dueMs, Math.min(this.#calmAtMs, latestMs)) - clock.now().monoMs;
    if (waitMs <= 0) return this.#start();
    this.#cancel = clock.after(waitMs, () => this.#startWhenCalm(dueMs, latestMs));
  }

  #start(): void {
    const { command, env, clock, limits, hears, heard, said } = this.#options;
    const life: Life = new Life({
      command,
      env,
      clock,
      limits: { ...lifeLimits, ...limits },
      said,
      hello: () => this.#helloed(),
      heard: (message) => {
        const read = checked(hears, message);
        if (read instanceof Problem) return read.what;
        heard(read);
        return null;
      },
      lost: (why) => this.#lost(life, why),
    });
    this.#life = life;
    life.start();
  }

  #helloed(): void {
    const { clock, limits, place, up } = this.#options;
    this.#cancel = clock.after(limits?.wellMs ?? wellMsDefault, () => {
      this.#failures = 0;
      this.#sink?.emit({ kind: 'fault.cleared', fault: `${place}.down` });
    });
    up();
  }

  #lost(life: Life, why: string): void {
    this.#cancel();
    if (!this.#isOpen) return;
    this.#life = null;
    const { place, clock, chance } = this.#options;
    const detail = `${place} ${why}. It is started again; alarms do not need it`;
    this.#sink?.emit({ kind: 'fault.raised', fault: `${place}.down`, detail });
    this.#options.down?.();
    const delayMs = pauseMs(this.#failures, chance());
    this.#failures++;
    // Two at once would fight for the sound card.
    life.reaped().then(() => {
      const dueMs = clock.now().monoMs + delayMs;
      this.#startWhenCalm(dueMs, dueMs + calmWithinMs);
    });
  }
}
