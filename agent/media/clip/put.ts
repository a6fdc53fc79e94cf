// The requests of an upload: over https, to nobody in the terminal's own network unless that is allowed
// (outward.ts), wherever the server sends it on to.

import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { BlockList } from 'node:net';
import type { Clock } from '../../ports.ts';
import { judgedUrl, lookupOf, Refused } from '../outward.ts';

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
      const url = judgedUrl(this.#address, this.#own);
      const { statusCode: status = 0, headers } = await this.#ask(url, body, range, digest);
      const { location } = headers;
      if ((status !== 307 && status !== 308) || location === undefined)
        return answerOf(status, headers);
      if (++this.#redirects > redirectsMax) throw new Refused('the server sends it on and on');
      this.#address = URL.parse(location, url)?.href ?? '';
    }
  }

  #ask(url: URL, body: Buffer, range: string, digest: string): Promise<IncomingMessage> {
    const { ca, clock } = this.#options;
    return new Promise((done, failed) => {
      const asked = request(url, {
        ...{ method: 'PUT', agent: false, ...(ca === null ? {} : { ca }) },
        ...lookupOf(this.#own),
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

function answerOf(status: number, headers: IncomingMessage['headers']): Answer {
  const last = /^bytes=0-(\d{1,15})$/.exec(String(headers.range ?? ''))?.[1];
  if (status === 200 || status === 201 || status === 204 || status === 308)
    return { status, has: last === undefined ? 0 : Number(last) + 1 };
  const again = status >= 500 || status === 408 || status === 429;
  throw again ? new Error(`HTTP ${status}`) : new Refused(`the server says HTTP ${status}`);
}
