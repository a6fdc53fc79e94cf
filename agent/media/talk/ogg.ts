// Opus packets out of Ogg (RFC 3533, RFC 7845), as ffmpeg writes it to a pipe: several streams side by side,
// known by the order in which they begin.

const headBytes = 27;
/** Of Opus: 120 ms at its highest rate has less; a page is 65,307 bytes at most by itself. */
const packetBytesMax = 16_384;
const continued = 1;
/** Of each stream, before its sound: who it is, and its tags. */
const headers = 2;

export class NotOgg extends Error {}

interface Stream {
  headers: number;
  /** Of a packet that goes on in the next page. */
  held: Buffer[];
  bytes: number;
}

export class OggReader {
  readonly #packet: (stream: number, packet: Buffer) => void;
  readonly #streams = new Map<number, Stream>();
  #bytes: Buffer = Buffer.alloc(0);

  /** `stream` counts from 0; `packet` has memory of its own. */
  constructor(packet: (stream: number, packet: Buffer) => void) {
    this.#packet = packet;
  }

  /** Throws `NotOgg`. */
  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const bytes = this.#bytes;
      if (bytes.length < headBytes) return;
      if (bytes.toString('latin1', 0, 4) !== 'OggS') throw new NotOgg('no page begins there');
      const from = headBytes + (bytes[26] ?? 0);
      const lacing = bytes.subarray(headBytes, from);
      const end = lacing.reduce((sum, length) => sum + length, from);
      if (bytes.length < end) return;
      this.#page(bytes.subarray(0, end), lacing);
      this.#bytes = bytes.subarray(end);
    }
  }

  #page(page: Buffer, lacing: Buffer): void {
    const serial = page.readUInt32LE(14);
    const stream = this.#streams.get(serial) ?? { headers: 0, held: [], bytes: 0 };
    this.#streams.set(serial, stream);
    if (((page[5] ?? 0) & continued) === 0) forget(stream);
    let at = headBytes + lacing.length;
    for (const length of lacing) {
      stream.held.push(page.subarray(at, at + length));
      stream.bytes += length;
      if (stream.bytes > packetBytesMax) throw new NotOgg('a packet without an end');
      at += length;
      // Shorter than it could be: its last piece.
      if (length < 255) this.#whole(serial, stream);
    }
  }

  #whole(serial: number, stream: Stream): void {
    const packet = Buffer.concat(stream.held);
    forget(stream);
    if (stream.headers < headers) stream.headers++;
    else this.#packet([...this.#streams.keys()].indexOf(serial), packet);
  }
}

function forget(stream: Stream): void {
  stream.held = [];
  stream.bytes = 0;
}
