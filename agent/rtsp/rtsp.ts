// One RTSP connection (RFC 2326) over TCP: requests one after the other, with digest, and packets between
// them. Every wait has an end, and so has what the other side has not read yet.

import { connect, type Socket } from 'node:net';
import { type Credentials, Digest } from '../digest.ts';
import type { Clock } from '../ports.ts';
import { RtspError, RtspReader, RtspRefused, type RtspReply } from './reader.ts';

/** A stream's address, and what it takes to log in. */
export interface RtspSource extends Credentials {
  readonly url: string;
}

export interface RtspOptions {
  readonly clock: Clock;
  readonly source: RtspSource;
  readonly packet: (channel: number, packet: Buffer) => void;
  /** Once; not after `close`. */
  readonly lost: (why: string) => void;
}

const timeoutMs = 4_000;
const triesMax = 3;
/** One second of G.711 and its heads: more has no use any more when it arrives. */
const unreadBytesMax = 12_000;

interface Waiting {
  readonly done: (reply: RtspReply) => void;
  readonly failed: (error: RtspError) => void;
  readonly cancel: () => void;
}

export class Rtsp {
  readonly #options: RtspOptions;
  readonly #digest: Digest;
  readonly #reader: RtspReader;
  #socket: Socket | null = null;
  #waiting: Waiting | null = null;
  #sequence = 0;
  #isLost = false;

  constructor(options: RtspOptions) {
    this.#options = options;
    this.#digest = new Digest(options.source);
    this.#reader = new RtspReader({
      reply: (reply) => this.#reply(reply),
      packet: options.packet,
    });
  }

  /** Asks, and once more with the digest that it wants. Throws `RtspError` for all but 200. */
  async ask(method: string, url: string, headers: Record<string, string>): Promise<RtspReply> {
    for (let tries = 0; tries < triesMax; tries++) {
      const signed = this.#digest.sign(method, url);
      const login = signed ? { Authorization: signed.header } : {};
      const reply = await this.#exchange(method, url, { ...headers, ...login });
      if (reply.status === 200) return reply;
      if (reply.status !== 401) throw new RtspError(`${method}: ${reply.status}`);
      const challenges = reply.headers.flatMap(([name, value]) =>
        name === 'www-authenticate' ? [value] : [],
      );
      const refused = this.#digest.refused(signed, challenges);
      if (refused === 'password') throw new RtspRefused('user or password refused');
      if (refused === 'foreign') throw new RtspError('it wants a login that we do not know');
    }
    throw new RtspError('its login is never content');
  }

  /** False where the other side does not read: dropped. */
  send(channel: number, packet: Buffer): boolean {
    const socket = this.#socket;
    if (!socket || socket.writableLength > unreadBytesMax) return false;
    const head = Buffer.from([0x24, channel, packet.length >> 8, packet.length & 0xff]);
    socket.write(Buffer.concat([head, packet]));
    return true;
  }

  /** Says a last word and does not wait for the answer. */
  close(last: { readonly method: string; readonly url: string; session: string } | null): void {
    const socket = this.#socket;
    this.#isLost = true;
    this.#socket = null;
    this.#fail('closed');
    if (!socket || !last) return void socket?.destroy();
    const signed = this.#digest.sign(last.method, last.url);
    const login = signed ? { Authorization: signed.header } : {};
    socket.end(this.#text(last.method, last.url, { Session: last.session, ...login }));
    const cancel = this.#options.clock.after(1_000, () => socket.destroy());
    socket.once('close', cancel);
  }

  #exchange(method: string, url: string, headers: Record<string, string>): Promise<RtspReply> {
    return new Promise((done, failed) => {
      if (this.#isLost) return failed(new RtspError('the connection has ended'));
      const late = `no answer to ${method} in ${timeoutMs} ms`;
      const cancel = this.#options.clock.after(timeoutMs, () => this.#lose(late));
      this.#waiting = { done, failed, cancel };
      this.#socket ??= this.#connect();
      this.#socket.write(this.#text(method, url, headers));
    });
  }

  #text(method: string, url: string, headers: Record<string, string>): string {
    const all = { CSeq: String(++this.#sequence), 'User-Agent': 'gate-agent', ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return `${method} ${url} RTSP/1.0\r\n${lines.join('')}\r\n`;
  }

  #connect(): Socket {
    const { hostname, port } = new URL(this.#options.source.url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const socket = connect({ host, port: Number(port || 554), noDelay: true });
    socket.on('data', (chunk) => this.#data(chunk));
    socket.on('error', (error) => this.#lose(error.message));
    socket.on('close', () => this.#lose('it has closed the connection'));
    return socket;
  }

  #data(chunk: Buffer): void {
    if (this.#isLost) return;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof RtspError)) throw error;
      this.#lose(error.message);
    }
  }

  #reply(reply: RtspReply): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.cancel();
    waiting?.done(reply);
  }

  #lose(why: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#socket?.destroy();
    this.#socket = null;
    this.#fail(why);
    this.#options.lost(why);
  }

  #fail(why: string): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.cancel();
    waiting?.failed(new RtspError(why));
  }
}
