// RTP (RFC 3550) as ffmpeg sends it on the loopback, and as it goes to viewers.

export { parseRtp, type RtpPacket } from '../../rtsp/packet.ts';

const headerBytes = 12;

export interface RtpHeader {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  /** Counts on for ever; the header has its lower 32 bits. */
  readonly timestamp: number;
  readonly ssrc: number;
}

/** Largest packet on the wire, without UDP and IP. */
export const packetBytesMax = 1200;
export const payloadBytesMax = packetBytesMax - headerBytes;

/** Writes a packet into `room` and returns the part it fills: valid until the next one. */
export function writeRtp(room: Buffer, header: RtpHeader, payload: Buffer): Buffer {
  const { payloadType, marker, sequence, timestamp, ssrc } = header;
  room[0] = 0x80;
  room[1] = (marker ? 0x80 : 0) | payloadType;
  room.writeUInt16BE(sequence & 0xffff, 2);
  room.writeUInt32BE(lower32(timestamp), 4);
  room.writeUInt32BE(ssrc, 8);
  payload.copy(room, headerBytes);
  return room.subarray(0, headerBytes + payload.length);
}

/** `>>> 0` alone is exact only up to 2^53. */
export const lower32 = (ticks: number): number => (Math.floor(ticks) % 2 ** 32) >>> 0;

/** From `before` to `after`, of counters that start anew after `bits`; negative where it goes back. */
export function step(before: number, after: number, bits: 16 | 32): number {
  const range = 2 ** bits;
  const ahead = (((after - before) % range) + range) % range;
  return ahead < range / 2 ? ahead : ahead - range;
}
