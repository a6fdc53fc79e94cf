// One contact, watched: from its levels to rest, presses and noise. It need not be known how it is wired:
// rest is where it spends its time. Pure: time is an argument, and is the contact's own where it has one.

import type { Level } from '../gpio/kernel.ts';
import type { Signal } from './view.ts';

/** What follows sooner than this is bounce. */
const quietMs = 50;
/** A contact that does not come to rest for so long is no contact that a hand moves. */
const restlessMs = 500;
/** More presses than this in `calmMs` are not made by hand, either. */
const pressesMax = 8;
const calmMs = 10_000;
/** The level that was found first counts as rest until the other one has lasted so much longer: a long
 * press right at the start must not turn the two round. */
const firstRestMs = 5000;

interface Burst {
  readonly fromMs: number;
  lastMs: number;
}

export class Watcher {
  #level: Level | null = null;
  /** Where it was when it was quiet last, and since when. */
  #settled: Level | null = null;
  #settledMs = 0;
  #spentMs: [low: number, high: number] = [0, 0];
  #burst: Burst | null = null;
  #edges = 0;
  #presses: number[] = [];
  #pressCount = 0;
  #press: Signal['press'] = null;
  #noiseMs = Number.NEGATIVE_INFINITY;

  get level(): Level | null {
    return this.#level;
  }

  /** The contact's level now. `unseen`: edges before this one of which only the number is known. */
  take(level: Level, atMs: number, unseen = 0): void {
    if (this.#settled === null) {
      this.#spentMs = level === 0 ? [firstRestMs, 0] : [0, firstRestMs];
      this.#settled = level;
      this.#settledMs = atMs;
    }
    const isEdge = this.#level !== null && level !== this.#level;
    this.#settle(atMs);
    this.#level = level;
    this.#edges += unseen + (isEdge ? 1 : 0);
    if (!isEdge && unseen === 0) return;
    this.#burst ??= { fromMs: atMs, lastMs: atMs };
    this.#burst.lastMs = atMs;
  }

  /** The source is lost; what it has told stays. */
  lose(): void {
    this.#level = null;
    this.#settled = null;
    this.#burst = null;
  }

  signal(nowMs: number): Signal {
    this.#settle(nowMs);
    return {
      level: this.#level,
      rest: this.#level === null ? null : this.#rest(nowMs),
      edges: this.#edges,
      presses: this.#pressCount,
      press: this.#press,
      isNoise: nowMs - this.#noiseMs < calmMs,
    };
  }

  #settle(nowMs: number): void {
    const burst = this.#burst;
    if (!burst) return;
    const isRestless = burst.lastMs - burst.fromMs >= restlessMs;
    if (isRestless) this.#noise(nowMs);
    if (nowMs - burst.lastMs < quietMs) return;
    this.#burst = null;
    if (isRestless) this.#move(nowMs);
    else if (this.#level === this.#settled) this.#pulse(burst);
    else this.#turn(burst);
  }

  /** Away and back before it was quiet: a very short press, or bounce within a longer one. */
  #pulse({ fromMs, lastMs }: Burst): void {
    if (this.#settled === this.#rest(fromMs)) this.#count(fromMs, lastMs - fromMs);
  }

  #turn({ fromMs }: Burst): void {
    const awayMs = this.#settledMs;
    this.#move(fromMs);
    if (this.#settled === this.#rest(fromMs)) this.#count(awayMs, fromMs - awayMs);
  }

  #move(atMs: number): void {
    if (this.#settled !== null) this.#spentMs[this.#settled] += atMs - this.#settledMs;
    this.#settled = this.#level;
    this.#settledMs = atMs;
  }

  #rest(nowMs: number): Level {
    const [low, high] = this.#spentMs.map(
      (ms, level) => ms + (level === this.#settled ? nowMs - this.#settledMs : 0),
    );
    return (high ?? 0) > (low ?? 0) ? 1 : 0;
  }

  #count(atMs: number, ms: number): void {
    this.#presses = [...this.#presses.filter((one) => atMs - one < calmMs), atMs];
    if (this.#presses.length > pressesMax) return this.#noise(atMs + ms);
    this.#pressCount++;
    this.#press = { atMs, ms: Math.round(ms) };
  }

  /** What looked like presses was this. */
  #noise(atMs: number): void {
    this.#noiseMs = atMs;
    this.#press = null;
  }
}
