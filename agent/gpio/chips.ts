// The chips and lines that this machine has, from /dev/gpiochip*, and which of them a place means.

import { closeSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ChipInfo,
  chipInfoOf,
  emptyChipInfo,
  type LineInfo,
  lineInfoOf,
  lineInfoRequest,
  requests,
} from './abi.ts';
import { LineTrouble, type Place } from './kernel.ts';
import type { Native } from './native.ts';
import * as troubles from './troubles.ts';

const dev = '/dev';

export interface Chip extends ChipInfo {
  readonly path: string;
}

export interface Found {
  readonly chip: Chip;
  readonly offset: number;
}

export const chipPaths = (): string[] =>
  readdirSync(dev)
    .filter((name) => /^gpiochip\d+$/.test(name))
    .sort((a, b) => Number(a.slice(8)) - Number(b.slice(8)))
    .map((name) => join(dev, name));

/** Calls with the chip's descriptor, and closes it. */
export function withChip<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, 'r+');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Throws where the chip cannot be opened. */
export const chipAt = (native: Native, path: string): Chip =>
  withChip(path, (fd) => {
    const bytes = emptyChipInfo();
    native.ioctl(fd, requests.chipInfo, bytes);
    return { ...chipInfoOf(bytes), path };
  });

export const linesOf = (native: Native, chip: Chip): LineInfo[] =>
  withChip(chip.path, (fd) =>
    Array.from({ length: chip.lines }, (_, offset) => lineInfo(native, fd, offset)),
  );

export function lineInfo(native: Native, chipFd: number, offset: number): LineInfo {
  const bytes = lineInfoRequest(offset);
  native.ioctl(chipFd, requests.lineInfo, bytes);
  return lineInfoOf(bytes);
}

/** The one line that a place means. Throws a `LineTrouble`. */
export function find(native: Native, place: Place): Found {
  const chips = chipsFor(native, place);
  if (place.line === null) return byOffset(chips, place);
  const all = chips.flatMap((chip) =>
    linesOf(native, chip).map(({ name, offset }) => ({ chip, offset, name })),
  );
  const found = all.filter(({ name }) => name === place.line);
  const [one, ...others] = found;
  if (!one) throw troubles.noSuchLine(place, all.map(({ name }) => name).filter(Boolean));
  if (others.length > 0)
    throw troubles.severalLines(
      place,
      found.map(({ chip, offset }) => `${chip.name} line ${offset}`),
    );
  return one;
}

/** Every chip, and the paths of those that may not be opened. */
export function chipsHere(native: Native): { chips: Chip[]; closed: string[] } {
  const closed: string[] = [];
  const chips = chipPaths().flatMap((path) => {
    try {
      return [chipAt(native, path)];
    } catch (error) {
      if (!isNoAccess(error)) throw new LineTrouble(`${path}: ${troubles.codeOf(error)}`);
      closed.push(path);
      return [];
    }
  });
  return { chips, closed };
}

/** The chips that are meant; all of them where none is named. One that may not be opened is passed
 * over as long as the line may be on another. */
function chipsFor(native: Native, place: Place): Chip[] {
  const { chips, closed } = chipsHere(native);
  if (chips.length + closed.length === 0) throw troubles.noChip(place);
  const meant = chips.filter(
    ({ name, label }) => place.chip === null || [name, label].includes(place.chip),
  );
  const [firstClosed] = closed;
  if (meant.length === 0 && firstClosed !== undefined) throw troubles.noAccess(place, firstClosed);
  if (meant.length === 0)
    throw troubles.noSuchChip(
      place,
      chips.map(({ name, label }) => `${name} (${label})`),
    );
  return meant;
}

function byOffset(chips: readonly Chip[], place: Place): Found {
  const [chip, ...others] = chips;
  if (!chip) throw troubles.noChip(place);
  if (others.length > 0)
    throw troubles.severalChips(
      place,
      chips.map(({ name }) => name),
    );
  const offset = place.offset ?? 0;
  if (offset >= chip.lines)
    throw troubles.pastTheEnd(`${chip.name} (${chip.label}) line ${offset}`, chip.lines);
  return { chip, offset };
}

const isNoAccess = (error: unknown): boolean =>
  ['EACCES', 'EPERM'].includes(troubles.codeOf(error));
