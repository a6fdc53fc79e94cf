// What a viewer's browser says of the picture (RTCP, RFC 3550, 4585, 5104): it is read from whatever
// comes, and written by nobody here.

export interface Feedback {
  /** A receiver report: the viewer is there. */
  readonly report: boolean;
  /** Worst of the blocks on `ssrcs`, 0 to 1; null: nothing said. */
  readonly loss: number | null;
  /** Bits per second that the receiver believes in (REMB). */
  readonly bitsPerS: number | null;
  /** It cannot decode and wants a key picture (PLI or FIR). */
  readonly keyWanted: boolean;
}

const packet = { sender: 200, receiver: 201, payload: 206 } as const;
const kind = { pli: 1, fir: 4, application: 15 } as const;
const blockBytes = 24;

/** Reads a compound packet as far as it is one. */
export function parseRtcp(bytes: Buffer, ssrc: number): Feedback {
  let [report, keyWanted] = [false, false];
  let loss: number | null = null;
  let bitsPerS: number | null = null;
  for (let at = 0; at + 8 <= bytes.length; ) {
    const [first = 0, type = 0] = bytes.subarray(at, at + 2);
    const end = at + 4 + 4 * bytes.readUInt16BE(at + 2);
    if (first >> 6 !== 2 || end > bytes.length) break;
    const one = bytes.subarray(at, end);
    const format = first & 0x1f;
    if (type === packet.receiver || type === packet.sender) {
      report = true;
      const lost = lossOf(one.subarray(type === packet.sender ? 28 : 8), format, ssrc);
      if (lost !== null) loss = Math.max(lost, loss ?? 0);
    } else if (type === packet.payload) {
      if (format === kind.pli || format === kind.fir) keyWanted = true;
      if (format === kind.application) bitsPerS = rembOf(one) ?? bitsPerS;
    }
    at = end;
  }
  return { report, loss, bitsPerS, keyWanted };
}

function lossOf(blocks: Buffer, count: number, ssrc: number): number | null {
  let worst: number | null = null;
  for (let n = 0; n < count && (n + 1) * blockBytes <= blocks.length; n++) {
    if (blocks.readUInt32BE(n * blockBytes) !== ssrc) continue;
    worst = Math.max(worst ?? 0, blocks.readUInt8(n * blockBytes + 4) / 256);
  }
  return worst;
}

/** draft-alvestrand-rmcat-remb-03 */
function rembOf(one: Buffer): number | null {
  if (one.length < 20 || one.toString('latin1', 12, 16) !== 'REMB') return null;
  const bits = one.readUInt32BE(16) & 0xffffff;
  return (bits & 0x3ffff) * 2 ** (bits >> 18);
}
