// How bright a JPEG is, and how much there is to see in it: from the means of its 8 x 8 blocks, without
// making a picture of it. Huffman-coded JPEG with 8 bits, baseline or progressive; anything else is null.

export interface Seen {
  /** Of all blocks of the brightness, 0 black to 255 white. */
  readonly mean: number;
  /** Standard deviation of the blocks' means: little where nothing is to be seen. */
  readonly spread: number;
}

interface Component {
  readonly id: number;
  readonly perUnit: number;
  readonly quant: number;
  dc: number;
  ac: number;
  last: number;
}

/** By length and code. */
type Table = ReadonlyMap<number, number>;

interface Frame {
  readonly progressive: boolean;
  readonly units: number;
  readonly components: readonly Component[];
}

/** Of a 24 megapixel picture. */
const blocksMax = 600_000;

class Damaged extends Error {}

class Bits {
  readonly #bytes: Buffer;
  at: number;
  #bits = 0;
  #count = 0;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  one(): number {
    if (this.#count === 0) {
      const byte = this.#bytes[this.at];
      if (byte === undefined) throw new Damaged('it ends too soon');
      if (byte === 0xff && this.#bytes[this.at + 1] !== 0) throw new Damaged('a marker in it');
      this.at += byte === 0xff ? 2 : 1;
      this.#bits = byte;
      this.#count = 8;
    }
    this.#count -= 1;
    return (this.#bits >> this.#count) & 1;
  }

  many(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n += 1) value = value * 2 + this.one();
    return value;
  }

  symbol(table: Table): number {
    let code = 0;
    for (let length = 1; length <= 16; length += 1) {
      code = code * 2 + this.one();
      const found = table.get(length * 65_536 + code);
      if (found !== undefined) return found;
    }
    throw new Damaged('no such code');
  }

  /** A coefficient of so many bits, with its sign. */
  signed(count: number): number {
    if (count === 0) return 0;
    const value = this.many(count);
    return value < 2 ** (count - 1) ? value - 2 ** count + 1 : value;
  }

  /** To the next restart marker, and behind it. */
  restart(): void {
    this.#count = 0;
    if (this.#bytes[this.at] !== 0xff) throw new Damaged('no restart');
    this.at += 2;
  }
}

class Reader {
  readonly #bytes: Buffer;
  readonly #quants = new Map<number, number>();
  readonly #tables = new Map<number, Table>();
  #frame: Frame | null = null;
  #restartEvery = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(): Seen | null {
    const bytes = this.#bytes;
    if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
    for (let at = 2; at + 4 <= bytes.length; ) {
      const marker = bytes.readUInt16BE(at);
      const end = at + 2 + bytes.readUInt16BE(at + 2);
      const body = bytes.subarray(at + 4, end);
      if (marker === 0xffdb) this.#quant(body);
      else if (marker === 0xffc4) this.#huffman(body);
      else if (marker === 0xffdd) this.#restartEvery = body.readUInt16BE(0);
      else if (marker >= 0xffc0 && marker <= 0xffc2) this.#start(body, marker === 0xffc2);
      else if (marker === 0xffda) return this.#scan(body, end);
      at = end;
    }
    return null;
  }

  #quant(body: Buffer): void {
    for (let at = 0; at < body.length; ) {
      const head = body.readUInt8(at);
      const isWide = head >> 4 === 1;
      this.#quants.set(head & 15, isWide ? body.readUInt16BE(at + 1) : body.readUInt8(at + 1));
      at += 1 + (isWide ? 128 : 64);
    }
  }

  #huffman(body: Buffer): void {
    for (let at = 0; at + 17 <= body.length; ) {
      const table = new Map<number, number>();
      let code = 0;
      let from = at + 17;
      for (let length = 1; length <= 16; length += 1) {
        for (let n = body.readUInt8(at + length); n > 0; n -= 1) {
          table.set(length * 65_536 + code, body.readUInt8(from));
          code += 1;
          from += 1;
        }
        code *= 2;
      }
      this.#tables.set(body.readUInt8(at), table);
      at = from;
    }
  }

  #start(body: Buffer, progressive: boolean): void {
    if (body.readUInt8(0) !== 8) throw new Damaged('not 8 bits');
    const [height, width] = [body.readUInt16BE(1), body.readUInt16BE(3)];
    const parts = Array.from({ length: body.readUInt8(5) }, (_, n) => {
      const factors = body.readUInt8(7 + n * 3);
      const [across, down] = [factors >> 4, factors & 15];
      return { id: body.readUInt8(6 + n * 3), across, down, quant: body.readUInt8(8 + n * 3) };
    });
    const most = (of: 'across' | 'down') => Math.max(1, ...parts.map((part) => part[of]));
    const isAlone = parts.length === 1;
    const units =
      Math.ceil(width / (8 * (isAlone ? 1 : most('across')))) *
      Math.ceil(height / (8 * (isAlone ? 1 : most('down'))));
    const components = parts.map(({ id, across, down, quant }) => {
      const perUnit = isAlone ? 1 : across * down;
      return { id, perUnit, quant, dc: 0, ac: 0, last: 0 };
    });
    this.#frame = { progressive, units, components };
  }

  /** The first scan has the means of all blocks, in a progressive picture, too. */
  #scan(body: Buffer, from: number): Seen | null {
    const frame = this.#frame;
    if (!frame) return null;
    const count = body.readUInt8(0);
    const used = Array.from({ length: count }, (_, n) => {
      const one = frame.components.find(({ id }) => id === body.readUInt8(1 + n * 2));
      if (!one) throw new Damaged('no such component');
      const tables = body.readUInt8(2 + n * 2);
      return Object.assign(one, { dc: tables >> 4, ac: 16 + (tables & 15), last: 0 });
    });
    // One component after the other is of no use to us, but for the first, which is the brightness.
    const blocks = frame.units * used.reduce((sum, { perUnit }) => sum + perUnit, 0);
    if (blocks === 0 || blocks > blocksMax) return null;
    if (count !== frame.components.length) return null;
    const shift = frame.progressive ? body.readUInt8(3 + count * 2) & 15 : 0;
    return this.#means(new Bits(this.#bytes, from), { frame, used, shift });
  }

  #means(
    bits: Bits,
    { frame, used, shift }: { frame: Frame; used: readonly Component[]; shift: number },
  ): Seen {
    let [count, sum, squares] = [0, 0, 0];
    for (let unit = 0; unit < frame.units; unit += 1) {
      if (this.#restartEvery > 0 && unit > 0 && unit % this.#restartEvery === 0) {
        bits.restart();
        for (const one of used) one.last = 0;
      }
      for (const one of used)
        for (let n = 0; n < one.perUnit; n += 1) {
          one.last += bits.signed(bits.symbol(this.#table(one.dc)));
          if (!frame.progressive) this.#skip(bits, this.#table(one.ac));
          if (one !== used[0]) continue;
          const quant = this.#quants.get(one.quant) ?? 1;
          const mean = Math.min(255, Math.max(0, 128 + (one.last * 2 ** shift * quant) / 8));
          count += 1;
          sum += mean;
          squares += mean * mean;
        }
    }
    const mean = sum / count;
    return { mean, spread: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
  }

  #table(id: number): Table {
    const table = this.#tables.get(id);
    if (!table) throw new Damaged('no such table');
    return table;
  }

  #skip(bits: Bits, table: Table): void {
    for (let at = 1; at < 64; at += 1) {
      const symbol = bits.symbol(table);
      const size = symbol & 15;
      if (size === 0 && symbol >> 4 !== 15) return;
      at += symbol >> 4;
      bits.many(size);
    }
  }
}

/** Null where it cannot be read. */
export function lookAt(jpeg: Buffer): Seen | null {
  try {
    return new Reader(jpeg).read();
  } catch (error) {
    if (error instanceof Damaged || error instanceof RangeError) return null;
    throw error;
  }
}
