// H.264 as far as a picture that is passed through must be known: kinds of NAL units, which parameter
// set is which, whether a slice looks ahead (B), and the way into RTP payloads (RFC 6184).

import { payloadBytesMax } from './rtp.ts';

export const nal = { idr: 5, sei: 6, sps: 7, pps: 8, delimiter: 9, filler: 12 } as const;
const stapA = 24;
const fuA = 28;
export const aggregate = { stapA, fuA } as const;

export const typeOf = (unit: Buffer): number => (unit[0] ?? 0) & 0x1f;
export const isSlice = (unit: Buffer): boolean => typeOf(unit) >= 1 && typeOf(unit) <= nal.idr;
export const isParameterSet = (unit: Buffer): boolean =>
  typeOf(unit) === nal.sps || typeOf(unit) === nal.pps;
/** Of no use to a decoder. */
export const isIdle = (unit: Buffer): boolean =>
  typeOf(unit) === nal.delimiter || typeOf(unit) === nal.filler || typeOf(unit) === nal.sei;

/** Exp-Golomb numbers from the first bytes of a unit; NaN where they end. */
function* numbersOf(bytes: Buffer, from: number): Generator<number, number> {
  let at = from * 8;
  const end = Math.min(bytes.length, from + 16) * 8;
  const bit = (): number => ((bytes[at >> 3] ?? 0) >> (7 - (at++ & 7))) & 1;
  for (;;) {
    let zeros = 0;
    while (at < end && bit() === 0) zeros++;
    if (at + zeros > end || zeros > 31) return Number.NaN;
    let rest = 0;
    for (let n = 0; n < zeros; n++) rest = rest * 2 + bit();
    yield 2 ** zeros - 1 + rest;
  }
}

/** Kind and number of a parameter set: a later one of the same name takes its place. */
export function parameterSetName(unit: Buffer): string {
  const number = numbersOf(unit, typeOf(unit) === nal.sps ? 4 : 1).next().value;
  return `${typeOf(unit)}/${number}`;
}

/** The slice refers to a later picture, so that pictures come in another order than they are shown. */
export function looksAhead(slice: Buffer): boolean {
  const numbers = numbersOf(slice, 1);
  numbers.next();
  const kind = numbers.next().value;
  return kind === 1 || kind === 6;
}

/** A unit as RTP payloads: itself, or cut into fragments (FU-A). */
export function payloadsOf(unit: Buffer): Buffer[] {
  if (unit.length <= payloadBytesMax) return [unit];
  const header = unit[0] ?? 0;
  const payloads: Buffer[] = [];
  const room = payloadBytesMax - 2;
  for (let from = 1; from < unit.length; from += room) {
    const part = unit.subarray(from, from + room);
    const edge = (from === 1 ? 0x80 : 0) | (from + room >= unit.length ? 0x40 : 0);
    const payload = Buffer.allocUnsafe(2 + part.length);
    payload[0] = (header & 0xe0) | fuA;
    payload[1] = edge | (header & 0x1f);
    part.copy(payload, 2);
    payloads.push(payload);
  }
  return payloads;
}
