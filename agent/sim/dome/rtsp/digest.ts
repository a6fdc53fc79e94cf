// Digest for RTSP as cameras ask for it: MD5 without qop (RFC 2069), for ffmpeg and GStreamer know no
// other, with a nonce that ages.

import { createHash, randomBytes } from 'node:crypto';
import type { RtspRequest } from './message.ts';

const realm = 'sim dome, gate 1';
const nonceLifeMs = 60_000;
const noncesMax = 1000;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

export interface Login {
  readonly username: string;
  readonly password: string;
}

export class RtspDigest {
  readonly #login: () => Login | null;
  readonly #nonces = new Map<string, number>();

  /** `login` null: nobody is asked. */
  constructor(login: () => Login | null) {
    this.#login = login;
  }

  /** Null where the request may pass; else what to challenge with. */
  challenge({ method, headers }: RtspRequest): string | null {
    const login = this.#login();
    if (!login) return null;
    const given = new Map<string, string>();
    const authorization = headers.get('authorization') ?? '';
    for (const [, name = '', value = ''] of authorization.matchAll(/(\w+)="([^"]*)"/g))
      given.set(name, value);
    const nonce = given.get('nonce') ?? '';
    const ha1 = md5(`${login.username}:${realm}:${login.password}`);
    const ha2 = md5(`${method}:${given.get('uri') ?? ''}`);
    const isRight =
      given.get('username') === login.username &&
      given.get('response') === md5(`${ha1}:${nonce}:${ha2}`);
    const bornMs = this.#nonces.get(nonce);
    const isFresh = bornMs !== undefined && performance.now() - bornMs < nonceLifeMs;
    if (isRight && isFresh) return null;
    return this.#ask(isRight);
  }

  /** What a reboot leaves. */
  forget(): void {
    this.#nonces.clear();
  }

  #ask(stale: boolean): string {
    const nonce = randomBytes(16).toString('hex');
    this.#nonces.set(nonce, performance.now());
    for (const old of this.#nonces.keys())
      if (this.#nonces.size > noncesMax) this.#nonces.delete(old);
    return `Digest realm="${realm}", nonce="${nonce}"${stale ? ', stale="TRUE"' : ''}`;
  }
}
