// The PC under the terminal, as the health message tells it.

import * as z from 'zod';
import { type MachineFigures, timeSources } from '../core/machine.ts';

const figure = (what: string) => z.number().nullable().describe(`${what}; null: not known`);

export const machine = z
  .object({
    uptimeS: figure('Since the machine started, seconds'),
    memoryFreeMb: figure('Memory that programs may still have, MiB'),
    memoryTotalMb: figure('Memory, MiB'),
    diskFreeMb: figure('Room on the disk of the records, MiB'),
    diskTotalMb: figure('Size of that disk, MiB'),
    diskWearPercent: figure('Used of the life that its maker gives the flash memory, percent'),
    diskWrittenGb: figure('Written to that file system since it was made, GiB'),
    diskErrors: figure('Errors that the file system has found'),
    temperatureC: figure('The hottest of its sensors, degrees Celsius'),
    timeSource: z.enum(timeSources).nullable().describe('What keeps the clock; null: not known'),
    timeOffsetMs: figure('How far the clock is off, by what keeps it, milliseconds'),
  })
  .meta({
    id: 'Machine',
    title: 'The machine',
    description: 'The PC under the terminal: what of it can be read',
  }) satisfies z.ZodType<MachineFigures>;
