// RTSP 1.0 (RFC 2326) on the wire: requests and interleaved frames out of a stream of bytes, within
// bounds, and answers as text.

export interface RtspRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** `$`, a channel and a packet, on the connection of the requests. */
export interface Interleaved {
  readonly channel: number;
  readonly packet: Buffer;
}

/** What a client may not do to us; the connection ends with it. */
export class RtspViolation extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

const headBytesMax = 8192;
const bodyBytesMax = 16_384;

/** Collects what arrives. */
export class RtspReader {
  #pending: Buffer = Buffer.alloc(0);

  /** What is complete with this chunk. Throws `RtspViolation`. */
  take(chunk: Buffer): (RtspRequest | Interleaved)[] {
    this.#pending = this.#pending.length ? Buffer.concat([this.#pending, chunk]) : chunk;
    const whole: (RtspRequest | Interleaved)[] = [];
    for (;;) {
      const next = this.#pending[0] === 0x24 ? this.#interleaved() : this.#request();
      if (!next) return whole;
      whole.push(next);
    }
  }

  #cut(bytes: number): Buffer {
    const head = this.#pending.subarray(0, bytes);
    this.#pending = this.#pending.subarray(bytes);
    return head;
  }

  #interleaved(): Interleaved | null {
    if (this.#pending.length < 4) return null;
    const bytes = 4 + this.#pending.readUInt16BE(2);
    if (this.#pending.length < bytes) return null;
    const frame = this.#cut(bytes);
    return { channel: frame[1] ?? 0, packet: frame.subarray(4) };
  }

  #request(): RtspRequest | null {
    while (this.#pending[0] === 0x0d || this.#pending[0] === 0x0a) this.#cut(1);
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end > headBytesMax || (end < 0 && this.#pending.length > headBytesMax))
      throw new RtspViolation(413, 'head is too long');
    if (end < 0) return null;
    const [first = '', ...lines] = this.#pending.toString('latin1', 0, end).split('\r\n');
    const [, method = '', url = ''] = /^([A-Z_]{1,32}) (\S+) RTSP\/1\.0$/.exec(first) ?? [];
    if (method === '') throw new RtspViolation(400, 'no request line');
    const headers = new Map<string, string>();
    for (const line of lines) {
      const at = line.indexOf(':');
      if (at < 1) throw new RtspViolation(400, 'no header');
      headers.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
    }
    const bodyBytes = Number(headers.get('content-length') ?? 0);
    if (!(bodyBytes >= 0 && bodyBytes <= bodyBytesMax))
      throw new RtspViolation(413, 'body is too long');
    if (this.#pending.length < end + 4 + bodyBytes) return null;
    this.#cut(end + 4);
    return { method, url, headers, body: this.#cut(bodyBytes).toString('utf8') };
  }
}

const reasons: { readonly [status: number]: string } = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Request Entity Too Large',
  451: 'Parameter Not Understood',
  453: 'Not Enough Bandwidth',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  459: 'Aggregate Operation Not Allowed',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  551: 'Option not supported',
};

export interface RtspReply {
  readonly status: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

/** The answer to a request of this `CSeq`. */
export function writeReply(cseq: string | undefined, { status, headers, body }: RtspReply): string {
  const lines = [`RTSP/1.0 ${status} ${reasons[status] ?? 'Error'}`];
  if (cseq !== undefined) lines.push(`CSeq: ${cseq}`);
  for (const [name, value] of Object.entries(headers ?? {})) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}
