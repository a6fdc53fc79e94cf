// From which figures on something is wrong with the machine, and what a person is told.

import type { MachineFigures } from '../../core/machine.ts';

/** What the configuration may set (config/health.ts). */
export interface MachineLimits {
  readonly diskFreeMb: number;
  readonly wearPercent: number;
  readonly hotC: number;
  readonly memoryFreeMb: number;
  readonly clockMinutes: number;
}

export interface Judged {
  readonly bad: boolean;
  readonly well: boolean;
  /** What, why, what to do. */
  readonly detail: string;
}

/** Better than the limit by this before it is well again. */
const hysteresis = { disk: 1.25, memory: 1.5, degrees: 5 } as const;

const least = (value: number | null, limit: number, factor: number) => ({
  bad: value !== null && value < limit,
  well: value !== null && value >= limit * factor,
});
const most = (value: number | null, limit: number, wellAt: number) => ({
  bad: value !== null && value >= limit,
  well: value !== null && value < wellAt,
});

/** Each fault by its name. `unkeptMs`: how long the clock has not been kept. */
export const judgeMachine = (
  figures: MachineFigures,
  limits: MachineLimits,
  unkeptMs: number,
): { readonly [fault: string]: Judged } => ({
  'disk.room': {
    ...least(figures.diskFreeMb, limits.diskFreeMb, hysteresis.disk),
    detail:
      `The disk of the records has ${figures.diskFreeMb} MB left. Alarms have their room; ` +
      'delete what does not belong there, or lower media.clips.capMb',
  },
  'disk.worn': {
    ...most(figures.diskWearPercent, limits.wearPercent, limits.wearPercent),
    detail:
      `The flash memory has used ${figures.diskWearPercent} % of its life. ` +
      'Have the PC replaced in good time, by backup and replace',
  },
  'disk.errors': {
    ...most(figures.diskErrors, 1, 1),
    detail:
      `The file system of the records has found ${figures.diskErrors} errors. ` +
      'Make a backup now, then have the disk checked (e2fsck) or replaced',
  },
  'machine.hot': {
    ...most(figures.temperatureC, limits.hotC, limits.hotC - hysteresis.degrees),
    detail:
      `The PC is at ${figures.temperatureC} degrees. See that its vents are free, its fan turns and the ` +
      'cabinet is not in the sun',
  },
  'machine.memory': {
    ...least(figures.memoryFreeMb, limits.memoryFreeMb, hysteresis.memory),
    detail:
      `The PC has ${figures.memoryFreeMb} MB of memory left. End what does not belong on it, ` +
      'or restart gate-agent and tell its maker',
  },
  'clock.unkept': {
    bad: unkeptMs >= limits.clockMinutes * 60_000,
    well: unkeptMs === 0,
    detail:
      'The clock has not been set by a time server for ' +
      `${Math.floor(unkeptMs / 60_000)} minutes (${figures.timeSource ?? 'no time service runs'}). ` +
      'Check the address of the time server and the network to it',
  },
});
