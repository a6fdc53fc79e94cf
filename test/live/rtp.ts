// H.264 in RTP as tests make it up, by the documents and not by the code under test.

export interface Made {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker?: boolean;
  readonly payloadType?: number;
}

/** A packet with the plain header. */
export function rtpOf(
  { sequence, timestamp, marker = false, payloadType = 96 }: Made,
  payload: Buffer,
): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = (marker ? 0x80 : 0) | payloadType;
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE(timestamp >>> 0, 4);
  header.writeUInt32BE(0x1234, 8);
  return Buffer.concat([header, payload]);
}

/** Baseline, with number 0. */
export const sps = (last = 0): Buffer => Buffer.from([0x67, 0x42, 0xe0, 0x1f, 0x80, last]);
export const pps = (last = 0): Buffer => Buffer.from([0x68, 0x80, last]);

const body = (header: readonly number[], bytes: number, fill: number): Buffer =>
  Buffer.concat([Buffer.from(header), Buffer.alloc(bytes, fill)]);
/** first_mb 0, slice_type 7 (I), 5 (P) or 6 (B). */
export const idr = (bytes = 50, fill = 0xaa): Buffer => body([0x65, 0b1000_1000], bytes, fill);
export const pSlice = (bytes = 20, fill = 0xbb): Buffer => body([0x41, 0b1001_1000], bytes, fill);
export const bSlice = (bytes = 20, fill = 0xcc): Buffer => body([0x01, 0b1001_1100], bytes, fill);

/** Several units in one payload. */
export const stapOf = (...units: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from([0x78]),
    ...units.flatMap((unit) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(unit.length);
      return [length, unit];
    }),
  ]);

/** A unit in fragments of `bytes`. */
export function fragmentsOf(unit: Buffer, bytes: number): Buffer[] {
  const fragments: Buffer[] = [];
  const header = unit[0] ?? 0;
  for (let at = 1; at < unit.length; at += bytes) {
    const isLast = at + bytes >= unit.length;
    const flags = (at === 1 ? 0x80 : 0) | (isLast ? 0x40 : 0);
    const start = Buffer.from([(header & 0xe0) | 28, flags | (header & 0x1f)]);
    fragments.push(Buffer.concat([start, unit.subarray(at, at + bytes)]));
  }
  return fragments;
}
