// What is wrong with a line, for people: what, why, what to do.

import { LineTrouble, nameOf, type Place } from './kernel.ts';

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

export const noChip = (place: Place): LineTrouble =>
  new LineTrouble(
    `${nameOf(place)} cannot be had: this machine has no GPIO chip. ` +
      'Load the driver of its chip (modprobe), or look whether the adapter is plugged in',
  );

export const noAccess = (place: Place, path: string): LineTrouble =>
  new LineTrouble(
    `${nameOf(place)} cannot be had: ${path} may not be opened. ` +
      "Give the service's user the group that owns it, and its unit a DeviceAllow for it",
  );

export const noSysfs = (place: Place): LineTrouble =>
  new LineTrouble(
    `${nameOf(place)} cannot be had: /sys/class/gpio may not be written. ` +
      "Let the service's user write there, and give its unit ProtectKernelTunables=no",
  );

export const noSuchChip = (place: Place, there: readonly string[]): LineTrouble =>
  new LineTrouble(
    `there is no GPIO chip ${place.chip}; there are: ${listed(there)}. ` +
      'Correct the chip in the configuration, or plug the adapter in',
  );

export const severalChips = (place: Place, there: readonly string[]): LineTrouble =>
  new LineTrouble(
    `several GPIO chips are called ${place.chip}: ${listed(there)}. ` +
      'Name one of these in the configuration',
  );

export const noSuchLine = (place: Place, there: readonly string[]): LineTrouble =>
  new LineTrouble(
    `no GPIO line is called "${place.line}"${place.chip === null ? '' : ` on ${place.chip}`}; ` +
      `there are: ${listed(there)}. Correct the name in the configuration, or give chip and offset`,
  );

export const severalLines = (place: Place, there: readonly string[]): LineTrouble =>
  new LineTrouble(
    `several GPIO lines are called "${place.line}": ${listed(there)}. Name the chip beside the line`,
  );

export const pastTheEnd = (where: string, lines: number): LineTrouble =>
  new LineTrouble(`${where}: the chip has lines 0 to ${lines - 1}. Correct the offset`);

/** `holder`: what the program or driver calls itself; '' where it gives no name. */
export const inUse = (where: string, holder: string): LineTrouble => {
  const who = holder === '' ? 'another program' : `"${holder}"`;
  const how = holder === 'sysfs' ? 'Unexport it (/sys/class/gpio/unexport)' : 'End what holds it';
  return new LineTrouble(`${where} is in use by ${who}. ${how}, or choose another line`);
};

export const noNames = (place: Place): LineTrouble =>
  new LineTrouble(
    `${nameOf(place)} cannot be had: this machine has only the old interface (sysfs), ` +
      'which knows no names of lines. Give chip and offset in the configuration',
  );

export const gone = (where: string, code: string): LineTrouble =>
  new LineTrouble(`${where} is gone (${code}). Plug the adapter in again`);

export const refused = (where: string, code: string): LineTrouble =>
  new LineTrouble(
    `${where} is refused by the kernel (${code}). Look whether the chip can do it, or choose another line`,
  );

const shown = 12;

const listed = (all: readonly string[]): string => {
  if (all.length === 0) return 'none';
  const more = all.length > shown ? ` and ${all.length - shown} more` : '';
  return all.slice(0, shown).join(', ') + more;
};
