// How often a PIN may be tried: pauses that grow with each wrong one, for each address of its own and for
// all together, bounded, so that nobody is locked out for good. An address that somebody has signed in from,
// and the screen at the guard's desk, do not wait for strangers. No pause of these ever touches a button.

import { isIPv6 } from 'node:net';
import type { Clock } from '../ports.ts';

export const guessLimits = {
  /** Wrong ones of an address before the first pause. */
  free: 3,
  firstMs: 2_000,
  mostMs: 15 * 60_000,
  /** Wrong ones of all strangers within an hour before they wait for one another. */
  freeOfAll: 20,
  firstOfAllMs: 10_000,
  mostOfAllMs: 5 * 60_000,
  forgottenMs: 60 * 60_000,
  addressesMax: 512,
  knownMax: 32,
} as const;

/** Times that are remembered. */
const keptMax = 1_000;

interface Tries {
  wrong: number;
  lastMs: number;
}

export class Guesses {
  readonly #clock: Clock;
  /** The longest ago first. */
  readonly #addresses = new Map<string, Tries>();
  readonly #known = new Set<string>();
  /** Of strangers: when, within the last hour. */
  #wrong: number[] = [];
  /** Of everybody. */
  #all: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Wrong ones of everybody within the last hour. */
  get wrongLately(): number {
    this.#all = this.#lately(this.#all);
    return this.#all.length;
  }

  /** How long this address has to wait before a PIN of its is looked at; 0: not at all. */
  waitMs(address: string): number {
    const { monoMs } = this.#clock.now();
    const key = keyOf(address);
    const own = this.#addresses.get(key);
    const { free, firstMs, mostMs, freeOfAll, firstOfAllMs, mostOfAllMs } = guessLimits;
    const ownMs = own ? pause(own.wrong - free, firstMs, mostMs) - (monoMs - own.lastMs) : 0;
    if (this.#isKnown(key)) return Math.max(0, Math.ceil(ownMs));
    this.#wrong = this.#lately(this.#wrong);
    const of = Math.ceil((this.#wrong.length - freeOfAll) / 5);
    const last = this.#wrong.at(-1) ?? Number.NEGATIVE_INFINITY;
    const allMs = pause(of, firstOfAllMs, mostOfAllMs) - (monoMs - last);
    return Math.max(0, Math.ceil(ownMs), Math.ceil(allMs));
  }

  /** Before it is looked at: of many at once each has to count. */
  tried(address: string): void {
    const { monoMs } = this.#clock.now();
    const key = keyOf(address);
    const before = this.#addresses.get(key);
    const isOld = !before || monoMs - before.lastMs >= guessLimits.forgottenMs;
    this.#addresses.delete(key);
    this.#addresses.set(key, { wrong: isOld ? 1 : before.wrong + 1, lastMs: monoMs });
    for (const oldest of this.#addresses.keys()) {
      if (this.#addresses.size <= guessLimits.addressesMax) break;
      this.#addresses.delete(oldest);
    }
    if (!this.#isKnown(key)) this.#wrong = [...this.#wrong, monoMs].slice(-keptMax);
    this.#all = [...this.#all, monoMs].slice(-keptMax);
  }

  /** It was right. */
  right(address: string): void {
    const key = keyOf(address);
    this.#addresses.delete(key);
    if (!this.#isKnown(key)) this.#wrong = this.#wrong.slice(0, -1);
    this.#all = [];
    this.#known.add(key);
    for (const oldest of this.#known) {
      if (this.#known.size <= guessLimits.knownMax) break;
      this.#known.delete(oldest);
    }
  }

  #lately(times: number[]): number[] {
    const { monoMs } = this.#clock.now();
    return times.filter((ms) => monoMs - ms < guessLimits.forgottenMs);
  }

  #isKnown(key: string): boolean {
    return this.#known.has(key) || key === '127.0.0.1' || key === '::1';
  }
}

/** After so many too many: doubled each time. */
const pause = (tooMany: number, firstMs: number, mostMs: number): number =>
  tooMany <= 0 ? 0 : Math.min(mostMs, firstMs * 2 ** Math.min(20, tooMany - 1));

/** Whoever has one IPv6 address has the 2^64 of its network. */
function keyOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  if (!isIPv6(plain) || plain === '::1') return plain;
  const [head = '', tail = ''] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = plain.includes('::') ? Math.max(0, 8 - left.length - right.length) : 0;
  return [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4).join(':');
}
