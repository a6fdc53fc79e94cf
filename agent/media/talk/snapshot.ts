// One picture from the dome over HTTP, with digest: bounded in time and size.

import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Digest, type Signed } from '../../digest.ts';
import type { Clock } from '../../ports.ts';
import { trusting } from '../../trust.ts';
import type { SnapshotSource } from '../wire.ts';

const timeoutMs = 4_000;
const bytesMax = 2_000_000;

/** Cannot be had now; the message says why, and holds no password. */
export class NoSnapshot extends Error {}

export class SnapshotClient {
  readonly #clock: Clock;
  readonly #url: URL;
  readonly #digest: Digest;
  readonly #trusted: ReturnType<typeof trusting>;

  constructor(clock: Clock, source: SnapshotSource) {
    this.#clock = clock;
    this.#url = new URL(source.url);
    this.#digest = new Digest(source);
    this.#trusted = trusting(source.ca);
  }

  /** A JPEG. Throws `NoSnapshot`. */
  async get(): Promise<Buffer> {
    const uri = this.#url.pathname + this.#url.search;
    for (let tries = 0; tries < 3; tries++) {
      const signed = this.#digest.sign('GET', uri);
      const { status, challenges, body } = await this.#ask(signed);
      if (status === 200) return jpeg(body);
      if (status !== 401) throw new NoSnapshot(`HTTP ${status}`);
      const refused = this.#digest.refused(signed, challenges);
      if (refused === 'again') continue;
      const why = refused === 'password' ? 'user or password refused' : 'no login that we know';
      throw new NoSnapshot(why);
    }
    throw new NoSnapshot('its login is never content');
  }

  #ask(signed: Signed | null) {
    const request = this.#url.protocol === 'https:' ? requestHttps : requestHttp;
    const headers = signed ? { Authorization: signed.header } : {};
    return new Promise<{ status: number; challenges: string[]; body: Buffer }>((done, failed) => {
      // A connection a picture: two a second are nothing, and no kept one is ever stale.
      const asked = request(this.#url, { agent: false, headers, ...this.#trusted });
      const fail = (why: string) => {
        cancel();
        asked.destroy();
        failed(new NoSnapshot(why));
      };
      const cancel = this.#clock.after(timeoutMs, () => fail(`no answer in ${timeoutMs} ms`));
      asked.on('error', (error) => fail(error.message));
      asked.on('response', (response) => {
        read(response, fail, (body) => {
          cancel();
          const status = response.statusCode ?? 0;
          done({ status, challenges: challengesOf(response), body });
        });
      });
      asked.end();
    });
  }
}

function read(
  response: IncomingMessage,
  fail: (why: string) => void,
  done: (body: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) fail(`a picture of more than ${bytesMax} bytes`);
    else chunks.push(chunk);
  });
  response.on('error', (error) => fail(error.message));
  response.on('end', () => done(Buffer.concat(chunks)));
}

/** Each line of its own: joined they could not be told apart. */
const challengesOf = ({ rawHeaders }: IncomingMessage): string[] =>
  rawHeaders.flatMap((name, i) =>
    i % 2 === 0 && name.toLowerCase() === 'www-authenticate' ? [rawHeaders[i + 1] ?? ''] : [],
  );

const endOfImage = Buffer.from([0xff, 0xd9]);
/** Some domes fill up behind the picture. */
const paddingMax = 4_096;

function jpeg(body: Buffer): Buffer {
  if (body[0] !== 0xff || body[1] !== 0xd8) throw new NoSnapshot('its answer is no JPEG');
  // In coded data these two bytes never stand beside each other; earlier they are a thumbnail's.
  if (body.lastIndexOf(endOfImage) < Math.max(0, body.length - paddingMax))
    throw new NoSnapshot('its picture is cut off');
  return body;
}
