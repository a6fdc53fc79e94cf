// Width and height from a sequence parameter set of H.264 (ITU-T H.264, 7.3.2.1.1). Nothing else of it is
// of interest; what cannot be read is null.

/** Profiles that tell chroma format, bit depth and scaling. */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

class Bits {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  bits(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n++) value = value * 2 + this.#bit();
    return value;
  }

  /** Exp-Golomb. */
  number(): number {
    let zeros = 0;
    while (this.#bit() === 0) if (++zeros > 31) throw new RangeError('no number');
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }

  #bit(): number {
    if (this.#at >= this.#bytes.length * 8) throw new RangeError('too short');
    const byte = this.#bytes[this.#at >> 3] ?? 0;
    return (byte >> (7 - (this.#at++ & 7))) & 1;
  }
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Size of the pictures in pixels, after cropping. */
export function sizeOf(sps: Buffer): PictureSize | null {
  try {
    const size = read(new Bits(withoutEscapes(sps.subarray(1))), sps[1] ?? 0);
    return isSensible(size.width) && isSensible(size.height) ? size : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** H.264 ends at level 6.2: 139,264 blocks of 16 by 16. */
const isSensible = (pixels: number): boolean => pixels > 0 && pixels <= 16_384;

function read(bits: Bits, profile: number): PictureSize {
  bits.bits(24);
  bits.number();
  const chroma = highProfiles.has(profile) ? readHigh(bits) : 1;
  bits.number();
  const order = bits.number();
  if (order === 0) bits.number();
  if (order === 1) {
    bits.bits(1);
    bits.signed();
    bits.signed();
    for (let left = bits.number(); left > 0; left--) bits.signed();
  }
  bits.number();
  bits.bits(1);
  const [columns, rows] = [bits.number() + 1, bits.number() + 1];
  const fields = 2 - bits.bits(1);
  if (fields === 2) bits.bits(1);
  bits.bits(1);
  const isCropped = bits.bits(1) === 1;
  const [left = 0, right = 0, top = 0, bottom = 0] = isCropped
    ? [bits.number(), bits.number(), bits.number(), bits.number()]
    : [];
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = (chroma === 1 ? 2 : 1) * fields;
  return {
    width: columns * 16 - (left + right) * unitX,
    height: rows * 16 * fields - (top + bottom) * unitY,
  };
}

/** Returns the chroma format. */
function readHigh(bits: Bits): number {
  const chroma = bits.number();
  if (chroma === 3) bits.bits(1);
  bits.number();
  bits.number();
  bits.bits(1);
  if (bits.bits(1) === 0) return chroma;
  for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) {
    if (bits.bits(1) === 0) continue;
    let [last, next] = [8, 8];
    for (let n = 0; n < (list < 6 ? 16 : 64); n++) {
      if (next !== 0) next = (last + bits.signed() + 256) % 256;
      last = next === 0 ? last : next;
    }
  }
  return chroma;
}

/** 00 00 03 stands for 00 00. */
function withoutEscapes(bytes: Buffer): Buffer {
  const isEscape = (at: number) =>
    bytes[at] === 3 && at >= 2 && bytes[at - 1] === 0 && bytes[at - 2] === 0;
  return Buffer.from(bytes.filter((_, at) => !isEscape(at)));
}
