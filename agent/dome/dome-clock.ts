// How far the dome's clock is off ours: what it writes into its picture is evidence. Told from 30 s on
// (DB31/T 329), once it has been so for a while; set where the configuration says so, and looked at again.
// Silent while our own clock is not known to be good: then it is not the dome that is wrong.

import type { Clock } from '../ports.ts';
import { asDomeError } from './error.ts';
import type { Operation } from './operations.ts';

export const clockPolicies = ['tell', 'set', 'follow'] as const;
/** `follow`: nothing is told, logins and events go by its clock, whatever it shows. */
export type ClockPolicy = (typeof clockPolicies)[number];

export const domeClockTimes = {
  wrongMs: 30_000,
  rightMs: 10_000,
  /** So many looks in a row, some 10 s apart. */
  looks: 2,
  /** Between two tries to set it. */
  againMs: 600_000,
} as const;

const schema = 'xmlns:t="http://www.onvif.org/ver10/schema"';

/** Ends what else sets it (NTP, which has not helped). */
export const setSystemDateAndTime: Operation<{ readonly utcMs: number }, null> = {
  name: 'SetSystemDateAndTime',
  service: 'device',
  body: ({ utcMs }) => {
    const at = new Date(utcMs);
    const tag = (name: string, inner: string | number) => `<t:${name}>${inner}</t:${name}>`;
    const time =
      tag('Hour', at.getUTCHours()) +
      tag('Minute', at.getUTCMinutes()) +
      tag('Second', at.getUTCSeconds());
    const date =
      tag('Year', at.getUTCFullYear()) +
      tag('Month', at.getUTCMonth() + 1) +
      tag('Day', at.getUTCDate());
    return (
      '<n:DateTimeType>Manual</n:DateTimeType><n:DaylightSavings>false</n:DaylightSavings>' +
      `<n:UTCDateTime ${schema}>${tag('Time', time)}${tag('Date', date)}</n:UTCDateTime>`
    );
  },
  read: () => null,
};

export interface DomeClockParts {
  readonly clock: Clock;
  readonly policy: ClockPolicy;
  /** The dome's clock minus ours, ms; null: it tells none. */
  readonly offMs: () => number | null;
  /** Rejects with a `DomeError`. */
  readonly set: (utcMs: number) => Promise<unknown>;
  readonly trouble: (detail: string | null) => void;
}

export class DomeClock {
  readonly #parts: DomeClockParts;
  #wrong = 0;
  #triedMs = Number.NEGATIVE_INFINITY;
  /** Why it could not be set; null: it was, or never tried. */
  #refusal: string | null = null;

  constructor(parts: DomeClockParts) {
    this.#parts = parts;
  }

  /** The dome has just been looked at, and is well. */
  async looked(): Promise<void> {
    const { clock, policy, offMs, trouble } = this.#parts;
    const off = offMs();
    if (policy === 'follow' || off === null || clock.now().clock !== 'good') return;
    const isOff = Math.abs(off);
    if (isOff < domeClockTimes.rightMs) {
      this.#wrong = 0;
      return trouble(null);
    }
    if (isOff < domeClockTimes.wrongMs) return;
    this.#wrong += 1;
    if (this.#wrong < domeClockTimes.looks) return;
    if (policy === 'set' && (await this.#set())) return;
    trouble(sentence(off, policy, this.#refusal));
  }

  /** True: the next look will tell whether it has helped. */
  async #set(): Promise<boolean> {
    const { clock, set } = this.#parts;
    const { monoMs, wallMs } = clock.now();
    if (monoMs - this.#triedMs < domeClockTimes.againMs) return false;
    this.#triedMs = monoMs;
    this.#refusal = 'it says yes, and its clock is as before';
    try {
      await set(wallMs);
      return true;
    } catch (error) {
      this.#refusal = asDomeError(error).message;
      return false;
    }
  }
}

function sentence(offMs: number, policy: ClockPolicy, refusal: string | null): string {
  const s = Math.round(Math.abs(offMs) / 1000);
  const far =
    s < 120 ? `${s} s` : s < 7200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`;
  const what = `the dome's clock is ${far} ${offMs < 0 ? 'slow' : 'fast'}`;
  if (policy === 'set' && refusal !== null)
    return `${what}, and could not be set (${refusal}): set it in its own web page`;
  return `${what}, and so is the time in its picture: set it, or have it ask a time server`;
}
