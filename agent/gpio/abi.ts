// The kernel's GPIO interface, version 2 (linux/gpio.h, since 5.10), as bytes. Pure; every field is where
// a 64-bit and a 32-bit kernel alike have it. Both ends are little-endian: so are all our machines.

import type { Bias, Level } from './kernel.ts';

export const requests = {
  chipInfo: 0x8044b401,
  lineInfo: 0xc100b405,
  openLine: 0xc250b407,
  getValues: 0xc010b40e,
  setValues: 0xc010b40f,
} as const;

const nameBytes = 32;
const flag = { used: 1, input: 4, output: 8, rising: 16, falling: 32 } as const;
const biasFlag: { readonly [B in Bias]: number } = {
  'pull-up': 256,
  'pull-down': 512,
  none: 1024,
  'as-is': 0,
};

/** What a program is called that holds a line. */
export const consumer = 'gate-agent';
/** Edges that wait in the kernel while our loop is busy: the most it gives. 16 by default, which
 * bounce fills in no time. */
export const queuedEdgesMax = 1024;

export interface ChipInfo {
  readonly name: string;
  readonly label: string;
  readonly lines: number;
}

export interface LineInfo {
  readonly name: string;
  readonly offset: number;
  /** Who holds the line, perhaps ''; null where it is free. */
  readonly usedBy: string | null;
  readonly isOutput: boolean;
}

export const emptyChipInfo = (): Buffer => Buffer.alloc(68);

export const chipInfoOf = (bytes: Buffer): ChipInfo => ({
  name: textAt(bytes, 0),
  label: textAt(bytes, nameBytes),
  lines: bytes.readUInt32LE(64),
});

export function lineInfoRequest(offset: number): Buffer {
  const bytes = Buffer.alloc(256);
  bytes.writeUInt32LE(offset, 64);
  return bytes;
}

export const lineInfoOf = (bytes: Buffer): LineInfo => ({
  name: textAt(bytes, 0),
  offset: bytes.readUInt32LE(64),
  usedBy: (bytes.readUInt32LE(72) & flag.used) === 0 ? null : textAt(bytes, nameBytes),
  isOutput: (bytes.readUInt32LE(72) & flag.output) !== 0,
});

/** `edges`: both are asked for; a chip without interrupts refuses that (ENXIO, ENODEV). */
export function inputRequest(offset: number, bias: Bias, edges: boolean): Buffer {
  const wanted = flag.input | biasFlag[bias] | (edges ? flag.rising | flag.falling : 0);
  const bytes = lineRequest(offset, wanted);
  bytes.writeUInt32LE(edges ? queuedEdgesMax : 0, 564);
  return bytes;
}

export function outputRequest(offset: number, level: Level): Buffer {
  const bytes = lineRequest(offset, flag.output);
  bytes.writeUInt32LE(1, 296); // one attribute:
  bytes.writeUInt32LE(2, 320); // the values of outputs,
  bytes.writeUInt32LE(level, 328);
  bytes.writeUInt32LE(1, 336); // of the first line
  return bytes;
}

function lineRequest(offset: number, flags: number): Buffer {
  const bytes = Buffer.alloc(592);
  bytes.writeUInt32LE(offset, 0);
  bytes.write(consumer, 256, nameBytes - 1, 'latin1');
  bytes.writeUInt32LE(flags, 288);
  bytes.writeUInt32LE(1, 560); // one line
  return bytes;
}

/** The descriptor of the line that the kernel has put into an answered request. */
export const lineFdOf = (request: Buffer): number => request.readInt32LE(588);

export function valuesRequest(level: Level): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(level, 0);
  bytes.writeUInt32LE(1, 8);
  return bytes;
}

export const levelOf = (values: Buffer): Level => ((values[0] ?? 0) & 1 ? 1 : 0);

export const eventBytes = 48;

export interface LineEvent {
  readonly level: Level;
  /** CLOCK_MONOTONIC at the interrupt, milliseconds. */
  readonly atMs: number;
  /** Rises by one an edge of this line, from 1. */
  readonly seq: number;
}

/** The events in the first `length` bytes of what was read. */
export function eventsOf(bytes: Buffer, length: number): LineEvent[] {
  const events: LineEvent[] = [];
  for (let at = 0; at + eventBytes <= length; at += eventBytes) {
    const ns = bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
    events.push({
      level: bytes.readUInt32LE(at + 8) === 1 ? 1 : 0,
      atMs: ns / 1e6,
      seq: bytes.readUInt32LE(at + 20),
    });
  }
  return events;
}

const textAt = (bytes: Buffer, at: number): string =>
  bytes.toString('utf8', at, at + nameBytes).replace(/\0.*$/s, '');
