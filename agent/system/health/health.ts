// The PC under the terminal: looked at once a minute, told as figures and, where something is wrong for a
// while, as a fault. Everything is read from small files of the kernel; nothing here may hold the loop or a
// start.

import { type MachineFigures, unknownMachine } from '../../core/machine.ts';
import type { Clock, Machine, Sink } from '../../ports.ts';
import { diskOf } from './disk.ts';
import { Gauge } from './gauge.ts';
import { hottest } from './heat.ts';
import { judgeMachine, type MachineLimits } from './limits.ts';
import { memoryOf, uptimeOf } from './memory.ts';
import { askChrony, type Tracking, timeSourceOf } from './time.ts';

const lookEveryMs = 60_000;
/** After the start, which has better things to do. */
const firstLookMs = 2_000;
/** Looks between two questions to chrony. */
const chronyEvery = 15;

export interface HealthOptions {
  /** Directory of the records. */
  readonly dir: string;
  readonly limits: MachineLimits;
  readonly clock: Clock;
  /** Default: its own tool. */
  readonly chrony?: () => Promise<Tracking | null>;
  /** `/`, or a directory that stands for it. */
  readonly root?: string;
}

export class MachineHealth implements Machine {
  readonly #options: HealthOptions;
  readonly #gauges = new Map<string, Gauge>();
  #sink: Sink | null = null;
  #figures = unknownMachine;
  #tracking: Tracking | null = null;
  #looks = 0;
  /** Monotonic; null: it is kept. */
  #unkeptSinceMs: number | null = null;
  #cancel: (() => void) | null = null;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  open(sink: Sink): Promise<void> {
    this.#sink = sink;
    this.#later(firstLookMs);
    return Promise.resolve();
  }

  figures(): MachineFigures {
    return this.#figures;
  }

  close(): Promise<void> {
    this.#sink = null;
    this.#cancel?.();
    return Promise.resolve();
  }

  #later(ms: number): void {
    this.#cancel = this.#options.clock.after(ms, () => {
      // One that a slow sensor holds up delays the next, and nothing else.
      void this.#look().finally(() => {
        if (this.#sink) this.#later(lookEveryMs);
      });
    });
  }

  async #look(): Promise<void> {
    const { dir, root = '/', limits, clock, chrony = askChrony } = this.#options;
    const timeSource = timeSourceOf(root);
    if (timeSource === 'chrony' && this.#looks % chronyEvery === 0) this.#tracking = await chrony();
    this.#looks++;
    const tracking = timeSource === 'chrony' ? this.#tracking : null;
    this.#figures = {
      uptimeS: await uptimeOf(root),
      ...(await memoryOf(root)),
      ...(await diskOf(dir, root)),
      temperatureC: await hottest(root),
      timeSource,
      timeOffsetMs: tracking && Math.round(tracking.offsetMs * 1000) / 1000,
    };
    const { monoMs, clock: quality } = clock.now();
    if (quality === 'good' && tracking?.isKept !== false) this.#unkeptSinceMs = null;
    else this.#unkeptSinceMs ??= monoMs;
    const unkeptMs = this.#unkeptSinceMs === null ? 0 : Math.max(1, monoMs - this.#unkeptSinceMs);
    this.#tell(judgeMachine(this.#figures, limits, unkeptMs));
  }

  #tell(judged: ReturnType<typeof judgeMachine>): void {
    for (const [fault, { bad, well, detail }] of Object.entries(judged)) {
      const gauge = this.#gauges.get(fault) ?? new Gauge();
      this.#gauges.set(fault, gauge);
      const was = gauge.isBad;
      const isBad = gauge.look({ bad, well });
      if (isBad === was) continue;
      if (isBad) this.#sink?.emit({ kind: 'fault.raised', fault, detail });
      else this.#sink?.emit({ kind: 'fault.cleared', fault });
    }
  }
}
