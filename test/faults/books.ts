// The count: presses that the hand has made against presses that the platform was told of, button by
// button, over all platforms that listen. Knows when each press arrived.

import type { AlarmMessage } from '#agent/contract.ts';
import { monotonicMs } from '#agent/sim/dome/actuators.ts';
import type { Platform } from '#agent/sim/platform.ts';

export interface Press {
  readonly input: string;
  /** Of the input on its box. */
  readonly number: number;
  /** Presses of this button so far, this one included. */
  readonly nth: number;
  readonly atMs: number;
  /** When a platform had been told of so many. */
  arrivedMs: number | null;
}

export class Books {
  readonly presses: Press[] = [];
  readonly #alarms = new Map<string, AlarmMessage>();
  readonly #platforms: Platform[] = [];

  /** Takes over what this platform hears from now on. */
  follow(platform: Platform): void {
    this.#platforms.push(platform);
    platform.watch(({ what }) => {
      if (what === 'alarm') this.#take(platform);
    });
  }

  press(input: string, number: number): Press {
    const nth = this.#made(input) + 1;
    const press: Press = { input, number, nth, atMs: monotonicMs(), arrivedMs: null };
    this.presses.push(press);
    return press;
  }

  get alarms(): number {
    return [...this.#alarms.values()].filter(({ kind }) => kind === 'alarm.raised').length;
  }

  /** Presses told of one button, or of all. */
  told(input?: string): number {
    const mine = this.#told().filter((alarm) => input === undefined || alarm.input === input);
    return mine.reduce((sum, one) => sum + (one.kind === 'press.repeated' ? one.count : 1), 0);
  }

  /** Ids of the faults that were told, in order, each once. */
  get faults(): string[] {
    const events = this.#platforms.flatMap(({ log }) => log).map(({ message }) => message);
    return [...new Set(events.flatMap(faultIn))];
  }

  get violations(): string[] {
    return this.#platforms.flatMap(({ violations }) =>
      violations.map(({ topic, reason }) => `${topic}: ${reason}`),
    );
  }

  /** Button by button, so that one press told twice does not hide another that was not told. */
  balance(): { lost: number; doubled: number } {
    const inputs = new Set([...this.presses, ...this.#told()].map(({ input }) => input));
    const missing = [...inputs].map((input) => this.#made(input) - this.told(input));
    const sum = (some: readonly number[]) => some.reduce((a, b) => a + b, 0);
    return {
      lost: sum(missing.filter((n) => n > 0)),
      doubled: sum(missing.filter((n) => n < 0).map((n) => -n)),
    };
  }

  #made(input: string): number {
    return this.presses.filter((press) => press.input === input).length;
  }

  /** Messages that tell of presses. */
  #told() {
    return [...this.#alarms.values()].filter(
      (alarm) => alarm.kind === 'alarm.raised' || alarm.kind === 'press.repeated',
    );
  }

  #take(platform: Platform): void {
    const atMs = monotonicMs();
    for (const [id, alarm] of platform.alarms) this.#alarms.set(id, alarm);
    for (const press of this.presses)
      if (press.arrivedMs === null && this.told(press.input) >= press.nth) press.arrivedMs = atMs;
  }
}

function faultIn(message: unknown): string[] {
  if (typeof message !== 'object' || message === null) return [];
  if (!('kind' in message) || message.kind !== 'fault.raised') return [];
  return 'fault' in message ? [String(message.fault)] : [];
}
