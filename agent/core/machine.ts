// What is known of the PC under the terminal: for the health message, the metrics and the panel. Plain
// figures; null where this machine does not tell.

export const timeSources = ['chrony', 'timesyncd', 'ntp'] as const;
export type TimeSource = (typeof timeSources)[number];

export interface MachineFigures {
  /** Since the machine started, seconds. */
  readonly uptimeS: number | null;
  /** That programs may still have, MiB. */
  readonly memoryFreeMb: number | null;
  readonly memoryTotalMb: number | null;
  /** On the disk of the records, MiB. */
  readonly diskFreeMb: number | null;
  readonly diskTotalMb: number | null;
  /** Of the life that its maker gives the flash memory, percent; above 100: beyond it. */
  readonly diskWearPercent: number | null;
  /** Written to that file system since it was made, GiB. */
  readonly diskWrittenGb: number | null;
  /** Errors that the file system has found and not been repaired of. */
  readonly diskErrors: number | null;
  /** The hottest of its sensors, degrees Celsius. */
  readonly temperatureC: number | null;
  /** Which program keeps the clock; null: none that is known. */
  readonly timeSource: TimeSource | null;
  /** Of the system clock, by what keeps it, milliseconds. */
  readonly timeOffsetMs: number | null;
}

export const unknownMachine: MachineFigures = {
  ...{ uptimeS: null, memoryFreeMb: null, memoryTotalMb: null },
  ...{ diskFreeMb: null, diskTotalMb: null, diskWearPercent: null, diskWrittenGb: null },
  ...{ diskErrors: null, temperatureC: null, timeSource: null, timeOffsetMs: null },
};
