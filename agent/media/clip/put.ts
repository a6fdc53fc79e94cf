// The requests of an upload: over https, to nobody in the terminal's own network unless that is allowed,
// wherever a name leads, and wherever the server sends it on to. The address may hold a secret: it is in no
// message.

import { lookup } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { type BlockList, isIP, type LookupFunction } from 'node:net';
import type { Clock } from '../../ports.ts';
import { isInside } from '../own-network.ts';

export interface PutOptions {
  readonly clock: Clock;
  readonly url: string;
  /** PEM; null: what the program trusts by itself. */
  readonly ca: string | null;
  /** Where it may not lead; null: anywhere. Asked anew for each attempt. */
  readonly own: () => BlockList | null;
}

const timeoutMs = 30_000;
/** Of one attempt. */
const redirectsMax = 3;

/** Will not be better the next time; the message says why, and holds no secret. */
export class Refused extends Error {}

const inside = (): Refused =>
  new Refused("the address leads into the terminal's own network; see media.ownNetwork");

export interface Answer {
  readonly status: number;
  /** What the server has, bytes. */
  readonly has: number;
}

/** One attempt: it goes on with the address that it was sent on to. */
export class Put {
  readonly #options: PutOptions;
  readonly #own: BlockList | null;
  #address: string;
  #redirects = 0;

  constructor(options: PutOptions) {
    this.#options = options;
    this.#own = options.own();
    this.#address = options.url;
  }

  /** Rejects with `Refused`, or with whatever the line has. */
  async send(body: Buffer, range: string, digest: string): Promise<Answer> {
    for (;;) {
      const url = this.#judged();
      const { statusCode: status = 0, headers } = await this.#ask(url, body, range, digest);
      const { location } = headers;
      if ((status !== 307 && status !== 308) || location === undefined)
        return answerOf(status, headers);
      if (++this.#redirects > redirectsMax) throw new Refused('the server sends it on and on');
      this.#address = URL.parse(location, url)?.href ?? '';
    }
  }

  #judged(): URL {
    const url = URL.parse(this.#address);
    if (!url) throw new Refused('the address is none');
    const { protocol, username, password, hostname } = url;
    if (protocol !== 'https:') throw new Refused('the address is not https');
    if (username !== '' || password !== '') throw new Refused('the address has a user in it');
    const host = hostname.replace(/^\[|\]$/g, '');
    // A name is judged by where it leads, when it is looked up.
    if (this.#own && isIP(host) !== 0 && isInside(this.#own, host)) throw inside();
    return url;
  }

  #ask(url: URL, body: Buffer, range: string, digest: string): Promise<IncomingMessage> {
    const { ca, clock } = this.#options;
    return new Promise((done, failed) => {
      const asked = request(url, {
        ...{ method: 'PUT', agent: false, ...(ca === null ? {} : { ca }) },
        ...(this.#own ? { lookup: outside(this.#own) } : {}),
        headers: {
          'Content-Type': 'application/octet-stream',
          'Content-Length': body.length,
          'Content-Range': `bytes ${range}`,
          'Repr-Digest': `sha-256=:${digest}:`,
        },
      });
      const cancel = clock.after(timeoutMs, () => asked.destroy(new Error('no answer')));
      asked.on('error', (error) => {
        cancel();
        failed(error);
      });
      asked.on('response', (response) => {
        response.on('error', failed);
        response.on('end', () => {
          cancel();
          done(response);
        });
        response.resume();
      });
      asked.end(body);
    });
  }
}

/** Of a name that leads inside as well as outside nothing is believed. */
const outside =
  (own: BlockList): LookupFunction =>
  (name, options, done) =>
    lookup(name, { ...options, all: true }, (error, found) => {
      const [first] = found ?? [];
      if (error || !first) return done(error ?? new Error('no address'), '');
      if (found.some(({ address }) => isInside(own, address))) return done(inside(), '');
      return options.all ? done(null, found) : done(null, first.address, first.family);
    });

function answerOf(status: number, headers: IncomingMessage['headers']): Answer {
  const last = /^bytes=0-(\d{1,15})$/.exec(String(headers.range ?? ''))?.[1];
  if (status === 200 || status === 201 || status === 204 || status === 308)
    return { status, has: last === undefined ? 0 : Number(last) + 1 };
  const again = status >= 500 || status === 408 || status === 429;
  throw again ? new Error(`HTTP ${status}`) : new Refused(`the server says HTTP ${status}`);
}
