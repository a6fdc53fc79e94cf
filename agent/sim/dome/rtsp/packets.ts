// Coded pictures into RTP packets (RFC 6184, RFC 7798) and the sender's reports (RFC 3550).

import type { Codec } from '../video/encoder.ts';

const payloadBytesMax = 1400;

/** NAL units of an Annex B stream, without start codes. */
export function splitUnits(stream: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let from = -1;
  for (let at = stream.indexOf('\0\0\x01'); at >= 0; at = stream.indexOf('\0\0\x01', at + 3)) {
    if (from >= 0) units.push(stream.subarray(from, at));
    from = at + 3;
  }
  if (from >= 0) units.push(stream.subarray(from));
  return units.map(withoutZeros);
}

/** A start code may have a zero more in front, which is not part of the unit before it. */
function withoutZeros(unit: Buffer): Buffer {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end--;
  return unit.subarray(0, end);
}

export const unitType = (codec: Codec, unit: Buffer): number =>
  codec === 'h265' ? ((unit[0] ?? 0) >> 1) & 0x3f : (unit[0] ?? 0) & 0x1f;

/** Payloads of one unit: itself, or its fragments. */
export function payloadsOf(codec: Codec, unit: Buffer): Buffer[] {
  if (unit.length <= payloadBytesMax) return [unit];
  const type = unitType(codec, unit);
  const first = unit[0] ?? 0;
  const head =
    codec === 'h265' ? [(first & 0x81) | (49 << 1), unit[1] ?? 0] : [(first & 0xe0) | 28];
  const payloads: Buffer[] = [];
  for (let at = head.length; at < unit.length; at += payloadBytesMax) {
    const end = Math.min(at + payloadBytesMax, unit.length);
    const edges = (at === head.length ? 0x80 : 0) | (end === unit.length ? 0x40 : 0);
    payloads.push(Buffer.concat([Buffer.from([...head, edges | type]), unit.subarray(at, end)]));
  }
  return payloads;
}

/** Of a document that takes more than one packet. */
export const pieces = (document: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(document.length / payloadBytesMax) }, (_, n) =>
    document.subarray(n * payloadBytesMax, (n + 1) * payloadBytesMax),
  );

export interface RtpHead {
  readonly type: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly time: number;
  readonly ssrc: number;
}

export function writeRtp(head: RtpHead, payload: Buffer): Buffer {
  const packet = Buffer.allocUnsafe(12 + payload.length);
  packet[0] = 0x80;
  packet[1] = head.type | (head.marker ? 0x80 : 0);
  packet.writeUInt16BE(head.sequence & 0xffff, 2);
  packet.writeUInt32BE(head.time >>> 0, 4);
  packet.writeUInt32BE(head.ssrc >>> 0, 8);
  payload.copy(packet, 12);
  return packet;
}

/** Null where it is none. */
export function readRtp(packet: Buffer): (RtpHead & { readonly payload: Buffer }) | null {
  if (packet.length < 12 || (packet[0] ?? 0) >> 6 !== 2) return null;
  const flags = packet[0] ?? 0;
  let at = 12 + 4 * (flags & 0x0f);
  if (flags & 0x10) {
    if (packet.length < at + 4) return null;
    at += 4 + 4 * packet.readUInt16BE(at + 2);
  }
  const end = packet.length - (flags & 0x20 ? (packet.at(-1) ?? 0) : 0);
  if (at > end) return null;
  const second = packet[1] ?? 0;
  return {
    type: second & 0x7f,
    marker: second >= 0x80,
    sequence: packet.readUInt16BE(2),
    time: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: packet.subarray(at, end),
  };
}

export interface Sent {
  readonly ssrc: number;
  readonly wallMs: number;
  /** RTP time at `wallMs`. */
  readonly time: number;
  readonly packets: number;
  readonly bytes: number;
}

const ntpEpochS = 2_208_988_800;
const name = Buffer.from('sim-dome');

/** A sender's report and its source description, one compound packet. */
export function writeReport({ ssrc, wallMs, time, packets, bytes }: Sent): Buffer {
  const report = Buffer.alloc(28 + 20);
  report.writeUInt32BE(0x80c80006, 0);
  report.writeUInt32BE(ssrc >>> 0, 4);
  report.writeUInt32BE((Math.floor(wallMs / 1000) + ntpEpochS) >>> 0, 8);
  report.writeUInt32BE(Math.floor(((wallMs % 1000) / 1000) * 2 ** 32) >>> 0, 12);
  report.writeUInt32BE(time >>> 0, 16);
  report.writeUInt32BE(packets >>> 0, 20);
  report.writeUInt32BE(bytes >>> 0, 24);
  report.writeUInt32BE(0x81ca0004, 28);
  report.writeUInt32BE(ssrc >>> 0, 32);
  report[36] = 1;
  report[37] = name.length;
  name.copy(report, 38);
  return report;
}

export const goodbye = (ssrc: number): Buffer => {
  const packet = Buffer.alloc(8);
  packet.writeUInt32BE(0x81cb0001, 0);
  packet.writeUInt32BE(ssrc >>> 0, 4);
  return packet;
};
