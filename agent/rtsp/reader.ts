// Cuts what an RTSP server sends into replies, its own requests and interleaved packets (RFC 2326,
// 10.12). Bounded: a head of 8 kB, a body of 64 kB; anything else is an error that ends the connection.

export const readerLimits = { headBytesMax: 8_192, bodyBytesMax: 65_536 } as const;

export class RtspError extends Error {}

/** User or password: once more may lock the user out (rroller#729). */
export class RtspRefused extends RtspError {}

export interface RtspReply {
  readonly status: number;
  /** Names in lower case; each line of its own. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface RtspHears {
  reply(reply: RtspReply): void;
  packet(channel: number, packet: Buffer): void;
}

export const headerOf = ({ headers }: RtspReply, name: string): string | null =>
  headers.find(([one]) => one === name)?.[1] ?? null;

export class RtspReader {
  readonly #hears: RtspHears;
  #held: Buffer = Buffer.alloc(0);

  constructor(hears: RtspHears) {
    this.#hears = hears;
  }

  /** Throws `RtspError`. */
  push(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (this.#held.length > 0) {
      const taken = this.#held[0] === 0x24 ? this.#packet() : this.#message();
      if (taken === 0) return;
      this.#held = this.#held.subarray(taken);
    }
  }

  #packet(): number {
    if (this.#held.length < 4) return 0;
    const end = 4 + this.#held.readUInt16BE(2);
    if (this.#held.length < end) return 0;
    this.#hears.packet(this.#held[1] ?? 0, this.#held.subarray(4, end));
    return end;
  }

  #message(): number {
    const headEnd = this.#held.indexOf('\r\n\r\n');
    if (headEnd > readerLimits.headBytesMax || (headEnd < 0 && this.#isTooLong))
      throw new RtspError('it sends a head without an end');
    if (headEnd < 0) return 0;
    const [first = '', ...lines] = this.#held.toString('latin1', 0, headEnd).split('\r\n');
    const headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    });
    const length = Number(headers.find(([name]) => name === 'content-length')?.[1] ?? 0);
    if (!Number.isSafeInteger(length) || length < 0 || length > readerLimits.bodyBytesMax)
      throw new RtspError(`it sends a body of ${length} bytes`);
    const end = headEnd + 4 + length;
    if (this.#held.length < end) return 0;
    const body = this.#held.toString('utf8', headEnd + 4, end);
    const status = /^RTSP\/1\.\d (\d{3})/.exec(first)?.[1];
    if (status) this.#hears.reply({ status: Number(status), headers, body });
    else if (!/^[A-Z_]+ \S+ RTSP\/1\.\d$/.test(first))
      throw new RtspError('it does not speak RTSP');
    // A request of the server's own (a ping) wants no answer that we could give.
    return end;
  }

  get #isTooLong(): boolean {
    return this.#held.length > readerLimits.headBytesMax;
  }
}
