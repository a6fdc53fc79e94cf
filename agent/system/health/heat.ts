// How hot it is inside: the hottest of what the kernel's thermal zones and hwmon drivers tell.

import { join } from 'node:path';
import { entries, numberIn } from './read.ts';

/** Below and above a sensor is broken or not there (-274, 0xFFFF and the like have been seen). */
const sane = { fromC: -40, toC: 150 } as const;

/** Degrees Celsius, null where nothing is told. */
export async function hottest(root: string): Promise<number | null> {
  const zones = await entries(join(root, 'sys/class/thermal'), /^thermal_zone\d+$/);
  const files = zones.map((zone) => join(zone, 'temp'));
  for (const chip of await entries(join(root, 'sys/class/hwmon'), /^hwmon\d+$/))
    files.push(...(await entries(chip, /^temp\d+_input$/)));
  let most: number | null = null;
  for (const file of files) {
    const degrees = ((await numberIn(file)) ?? Number.NaN) / 1000;
    if (degrees > sane.fromC && degrees < sane.toC) most = Math.max(most ?? degrees, degrees);
  }
  return most === null ? null : Math.round(most);
}
