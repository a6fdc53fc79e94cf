// A bare RTSP client over TCP, for what players do not do: the backchannel, wrong requests, silence.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until, within } from '#test/support/wait.ts';

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export const backchannel = { Require: 'www.onvif.org/ver20/backchannel' } as const;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

export class RtspClient {
  /** RTP and RTCP, by channel, in order of arrival. */
  readonly packets: { readonly channel: number; readonly packet: Buffer }[] = [];
  readonly #answers: Answer[] = [];
  readonly #url: string;
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #cseq = 0;
  #challenge: RegExpExecArray | null = null;
  session = '';
  /** How long an answer may take. */
  patienceMs = 10_000;

  constructor(url: string) {
    this.#url = url;
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('data', (chunk) => {
      this.#pending = Buffer.concat([this.#pending, chunk]);
      while (this.#take());
    });
  }

  get closed(): boolean {
    return this.#socket.closed;
  }

  /** Asks, once more with the password where it is wanted. `path` is added to the stream's address. */
  async ask(
    method: string,
    headers: { readonly [name: string]: string } = {},
    path = '',
  ): Promise<Answer> {
    const answer = await this.#once(method, headers, path);
    const session = answer.headers.get('session')?.split(';')[0];
    if (session) this.session = session;
    const challenge = answer.headers.get('www-authenticate') ?? '';
    if (answer.status !== 401 || this.#challenge) return answer;
    this.#challenge = /realm="([^"]*)", nonce="([^"]*)"/.exec(challenge);
    return this.#once(method, headers, path);
  }

  /** SETUP on two channels of this connection. */
  async setUp(track: number, headers: { readonly [name: string]: string } = {}): Promise<Answer> {
    const channels = `${track * 2}-${track * 2 + 1}`;
    const Transport = `RTP/AVP/TCP;unicast;interleaved=${channels}`;
    return this.ask('SETUP', { Transport, ...headers }, `/trackID=${track}`);
  }

  send(channel: number, packet: Buffer): void {
    const head = Buffer.from([0x24, channel, packet.length >> 8, packet.length & 0xff]);
    this.#socket.write(Buffer.concat([head, packet]));
  }

  raw(text: string | Buffer): void {
    this.#socket.write(text);
  }

  async close(): Promise<void> {
    if (this.#socket.closed) return;
    const closed = once(this.#socket, 'close');
    this.#socket.destroy();
    await within(closed, { withinMs: this.patienceMs, what: 'the end of a connection' });
  }

  async #once(method: string, headers: object, path: string): Promise<Answer> {
    const url = this.#url + path;
    const lines = [`${method} ${url} RTSP/1.0`, `CSeq: ${++this.#cseq}`];
    if (this.session) lines.push(`Session: ${this.session}`);
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    if (this.#challenge) {
      const [, realm = '', nonce = ''] = this.#challenge;
      const response = md5(`${md5(`admin:${realm}:secret`)}:${nonce}:${md5(`${method}:${url}`)}`);
      const who = `Digest username="admin", realm="${realm}", nonce="${nonce}"`;
      lines.push(`Authorization: ${who}, uri="${url}", response="${response}"`);
    }
    const before = this.#answers.length;
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    return until(() => this.#answers[before], {
      withinMs: this.patienceMs,
      what: `an answer to ${method}`,
    });
  }

  #take(): boolean {
    if (this.#pending[0] === 0x24) {
      if (this.#pending.length < 4) return false;
      const end = 4 + this.#pending.readUInt16BE(2);
      if (this.#pending.length < end) return false;
      const packet = Buffer.from(this.#pending.subarray(4, end));
      this.packets.push({ channel: this.#pending[1] ?? 0, packet });
      this.#pending = this.#pending.subarray(end);
      return true;
    }
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const [first = '', ...lines] = this.#pending.toString('latin1', 0, end).split('\r\n');
    const headers = new Map(
      lines.map((line): [string, string] => {
        const at = line.indexOf(':');
        return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
      }),
    );
    const bodyEnd = end + 4 + Number(headers.get('content-length') ?? 0);
    if (this.#pending.length < bodyEnd) return false;
    const body = this.#pending.toString('utf8', end + 4, bodyEnd);
    this.#pending = this.#pending.subarray(bodyEnd);
    this.#answers.push({ status: Number(first.split(' ')[1]), headers, body });
    return true;
  }
}
