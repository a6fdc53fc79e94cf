// All fault rows, place by place, in the order of the table.

import { diskFaults } from './disk.ts';
import { domeFaults } from './dome.ts';
import type { Fault } from './fault.ts';
import { lineFaults } from './line.ts';
import { processFaults } from './process.ts';
import { ruinFaults } from './ruin.ts';
import { serialFaults } from './serial.ts';

export const faults: readonly Fault[] = [
  ...diskFaults,
  ...ruinFaults,
  ...processFaults,
  ...serialFaults,
  ...lineFaults,
  ...domeFaults,
];
