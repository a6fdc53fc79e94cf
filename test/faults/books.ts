// The count: presses that the box has counted against presses that the platform was told of, button by
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

  press(which: Pick<Press, 'input' | 'number' | 'nth'>): Press {
    const press: Press = { ...which, atMs: monotonicMs(), arrivedMs: null };
    this.presses.push(press);
    return press;
  }

  get alarms(): number {
    return [...this.#alarms.values()].filter(({ kind }) => kind === 'alarm.raised').length;
  }

  /** Presses told of one button, or of all. */
  told(input?: string): number {
    return [...this.#alarms.values()].reduce((sum, alarm) => {
      if (alarm.kind !== 'alarm.raised' && alarm.kind !== 'press.repeated') return sum;
      if (input !== undefined && alarm.input !== input) return sum;
      return sum + (alarm.kind === 'press.repeated' ? alarm.count : 1);
    }, 0);
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

  /** `made`: presses counted by the box, by button. */
  balance(made: ReadonlyMap<string, number>): { lost: number; doubled: number } {
    const differences = [...made].map(([input, count]) => count - this.told(input));
    const sum = (some: readonly number[]) => some.reduce((a, b) => a + b, 0);
    return {
      lost: sum(differences.filter((n) => n > 0)),
      doubled: -sum(differences.filter((n) => n < 0)),
    };
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
