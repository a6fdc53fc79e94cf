// RTP packets (RFC 3550), read. What is not whole is null.

export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  /** A view of what was read. */
  readonly payload: Buffer;
}

const headerBytes = 12;

/** Reads one packet; null where it is none. */
export function parseRtp(bytes: Buffer): RtpPacket | null {
  if (bytes.length < headerBytes) return null;
  const first = bytes.readUInt8(0);
  if (first >> 6 !== 2) return null;
  let from = headerBytes + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (bytes.length < from + 4) return null;
    from += 4 + 4 * bytes.readUInt16BE(from + 2);
  }
  const padding = (first & 0x20) === 0 ? 0 : bytes.readUInt8(bytes.length - 1);
  const to = bytes.length - padding;
  if (from >= to) return null;
  const second = bytes.readUInt8(1);
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    payload: bytes.subarray(from, to),
  };
}
