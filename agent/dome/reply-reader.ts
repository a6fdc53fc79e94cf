// One HTTP/1.1 response, read from bytes as they come, and its bounds. Strict where the length of the
// body is concerned, lenient about bare line feeds; knows no connection.

import { DomeError } from './error.ts';

/** Largest body that is read, bytes. 300 presets are some 100 kB. */
export const replyBytesMax = 512 * 1024;
/** All heads together, of interim responses and of trailers, too. */
const headBytesMax = 16 * 1024;
/** A length of a chunk, with what may stand behind it; and what all of them may add to a reply. */
const chunkLineMax = 256;
const wireBytesMax = replyBytesMax + 64 * 1024;

export interface RawReply {
  readonly status: number;
  /** Names in lower case; values one a header line. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
  /** Another request may follow on the same connection. */
  readonly reusable: boolean;
}

type Framing =
  | { readonly by: 'length'; readonly bytes: number }
  | { readonly by: 'chunks' | 'end' };
type Head = Pick<RawReply, 'status' | 'headers' | 'reusable'> & { readonly framing: Framing };
type State = 'head' | 'body' | 'chunk' | 'chunk-end' | 'trailers';

const malformed = (what: string) => new DomeError('malformed', `no HTTP: ${what}`);
const tooLarge = () => new DomeError('too-large', `a reply of more than ${replyBytesMax} bytes`);

export class ReplyReader {
  #state: State = 'head';
  #waiting: Buffer = Buffer.alloc(0);
  #head: Head | null = null;
  #headBytes = 0;
  #wireBytes = 0;
  #body: Buffer[] = [];
  #bodyBytes = 0;
  /** Of the body or of the chunk in hand, still to come. */
  #left = 0;

  /** Null until the reply is whole. Throws a `DomeError` for what is no reply, or too much of one. */
  take(chunk: Buffer): RawReply | null {
    this.#wireBytes += chunk.length;
    if (this.#wireBytes > wireBytesMax) throw tooLarge();
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    for (;;) {
      const done = this.#step();
      if (done === 'whole') return this.#whole(this.#waiting.length === 0);
      if (done === 'wants more') return null;
    }
  }

  /** The connection has ended. Throws where that is in the middle. */
  end(): RawReply {
    if (this.#state === 'body' && this.#head?.framing.by === 'end') return this.#whole(false);
    throw new DomeError('broken', 'the reply ended in the middle');
  }

  #step(): 'whole' | 'wants more' | 'goes on' {
    if (this.#state === 'body') return this.#readBody();
    if (this.#state === 'chunk-end') return this.#skipLineEnd();
    const end = this.#state === 'chunk' ? /\r?\n/ : /\r?\n\r?\n|^\r?\n/;
    const most = this.#state === 'chunk' ? chunkLineMax : headBytesMax;
    const text = this.#waiting.toString('latin1', 0, most + 4);
    if (this.#state === 'head' && !'HTTP/1.'.startsWith(text.slice(0, 7)))
      throw malformed('no status line');
    const found = end.exec(text);
    if (!found) {
      if (this.#waiting.length > most) throw malformed(`a ${this.#state} without end`);
      return 'wants more';
    }
    this.#waiting = this.#waiting.subarray(found.index + found[0].length);
    const line = text.slice(0, found.index);
    if (this.#state === 'chunk') return this.#beginChunk(line);
    this.#headBytes += line.length;
    if (this.#headBytes > headBytesMax) throw malformed('heads without end');
    return this.#state === 'trailers' ? 'whole' : this.#begin(headOf(line));
  }

  #begin(head: Head): 'whole' | 'goes on' {
    // 100 and its like: the answer is still to come.
    if (head.status < 200) return 'goes on';
    this.#head = head;
    const { framing } = head;
    this.#state = framing.by === 'chunks' ? 'chunk' : 'body';
    this.#left = framing.by === 'length' ? framing.bytes : Number.POSITIVE_INFINITY;
    if (framing.by === 'length' && framing.bytes > replyBytesMax) throw tooLarge();
    return this.#left === 0 ? 'whole' : 'goes on';
  }

  #readBody(): 'whole' | 'wants more' | 'goes on' {
    const part = this.#waiting.subarray(0, this.#left);
    this.#waiting = this.#waiting.subarray(part.length);
    this.#left -= part.length;
    this.#bodyBytes += part.length;
    if (this.#bodyBytes > replyBytesMax) throw tooLarge();
    this.#body.push(part);
    if (this.#left > 0) return 'wants more';
    if (this.#head?.framing.by === 'length') return 'whole';
    this.#state = 'chunk-end';
    return 'goes on';
  }

  #skipLineEnd(): 'wants more' | 'goes on' {
    const found = /^\r?\n/.exec(this.#waiting.toString('latin1', 0, 2));
    if (!found) {
      if (this.#waiting.length >= 2) throw malformed('a chunk longer than it said');
      return 'wants more';
    }
    this.#waiting = this.#waiting.subarray(found[0].length);
    this.#state = 'chunk';
    return 'goes on';
  }

  #beginChunk(line: string): 'goes on' {
    const [, digits] = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
    if (digits === undefined) throw malformed('a chunk without a length');
    this.#left = Number.parseInt(digits, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'body';
    return 'goes on';
  }

  #whole(nothingLeft: boolean): RawReply {
    if (!this.#head) throw malformed('no head');
    const { status, headers, reusable, framing } = this.#head;
    const body = Buffer.concat(this.#body).toString('utf8');
    return { status, headers, body, reusable: reusable && nothingLeft && framing.by !== 'end' };
  }
}

function headOf(text: string): Head {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const [, minor, code] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\0]*)?$/.exec(first) ?? [];
  if (code === undefined) throw malformed('no status line');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value = ''] = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || /[^\t\x20-\x7e\x80-\xff]/.test(value))
      throw malformed('a header that is none');
    const known = headers.get(name.toLowerCase());
    if (known) known.push(value);
    else headers.set(name.toLowerCase(), [value]);
  }
  const status = Number(code);
  const connection = (headers.get('connection') ?? []).join().toLowerCase();
  const reusable =
    minor === '1' ? !connection.includes('close') : connection.includes('keep-alive');
  return { status, headers, reusable, framing: framingOf(status, headers) };
}

/** A reply that tells two lengths is not guessed at. */
function framingOf(status: number, headers: Head['headers']): Framing {
  if (status === 204 || status === 304) return { by: 'length', bytes: 0 };
  const lengths = new Set((headers.get('content-length') ?? []).flatMap((one) => one.split(/, */)));
  const coding = headers.get('transfer-encoding')?.join().toLowerCase();
  const [length] = lengths;
  if (lengths.size > 1 || (coding !== undefined && length !== undefined))
    throw malformed('two lengths of one reply');
  if (coding !== undefined) {
    if (coding !== 'chunked') throw malformed(`a reply coded ${coding}`);
    return { by: 'chunks' };
  }
  if (length === undefined) return { by: 'end' };
  if (!/^\d{1,15}$/.test(length)) throw malformed('a length that is no number');
  return { by: 'length', bytes: Number(length) };
}
