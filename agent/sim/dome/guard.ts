// Who may in: WS-UsernameToken (digest, time window, no nonce twice) and HTTP digest (MD5, SHA-256, qop
// auth, nonces that age, a count that must rise), either or both, as domes do it.

import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { child, type Element } from './envelope.ts';
import type { Quirks } from './quirks.ts';

export interface GuardOptions {
  readonly username: string;
  readonly auth: 'none' | 'token' | 'digest' | 'both';
  readonly algorithms: readonly ('MD5' | 'SHA-256')[];
  /** How far a token's Created may be from the dome's own clock, ms. */
  readonly windowMs: number;
  readonly nonceLifeMs: number;
  /** A token's nonce serves once; where not, whoever has heard it may say it again. */
  readonly nonceOnce: boolean;
  /** The dome's own clock, Unix ms. */
  readonly now: () => number;
}

export type Verdict =
  | { readonly ok: true; readonly by: 'none' | 'token' | 'digest' }
  | {
      readonly ok: false;
      readonly by: 'none' | 'token' | 'digest';
      readonly stale: boolean;
      readonly why: string;
    };

const realm = 'sim dome, gate 1';

/** How a dome may treat its digest: each nonce good for one request; each called stale; each challenge
 * of another realm or algorithm than the one before. */
export const whims = ['nonce-once', 'nonce-stale', 'realm', 'algorithm'] as const;
export type DigestWhim = (typeof whims)[number];

type Crowding = Pick<Quirks, 'crowded' | 'lockedAfter'>;

interface Nonce {
  readonly bornMs: number;
  readonly realm: string;
  readonly algorithms: GuardOptions['algorithms'];
  count: number;
}
const noncesMax = 1000;

export class Guard {
  password: string;
  /** Another password than ours was set. */
  locked = false;
  whim: DigestWhim | null = null;
  #challenges = 0;
  readonly #options: GuardOptions;
  readonly #seen = new Set<string>();
  readonly #nonces = new Map<string, Nonce>();

  #wrong = 0;
  readonly #quirks: Crowding;

  constructor(options: GuardOptions, password: string, quirks: Crowding) {
    this.#quirks = quirks;
    this.#options = options;
    this.password = password;
  }

  /** What a reboot leaves: no nonce is known any more. */
  forget(): void {
    this.#seen.clear();
    this.#nonces.clear();
  }

  /** `soap` null: a plain request, which cannot bring a token and may always bring a digest. */
  check(request: IncomingMessage, soap: { readonly header: Element | undefined } | null): Verdict {
    const verdict = this.#judge(request, soap);
    const { crowded, lockedAfter } = this.#quirks;
    if (!verdict.ok && verdict.why === 'password') this.#wrong += 1;
    const no = (why: string): Verdict => ({ ok: false, by: verdict.by, stale: false, why });
    if (lockedAfter !== null && this.#wrong >= lockedAfter) return no('locked out');
    if (!verdict.ok || crowded <= 0) return verdict;
    this.#quirks.crowded -= 1;
    return no('too many connections');
  }

  #judge(request: IncomingMessage, soap: { readonly header: Element | undefined } | null): Verdict {
    const auth = this.#auth(soap !== null);
    if (auth === 'none') return { ok: true, by: 'none' };
    const authorization = request.headers.authorization;
    if (auth !== 'token' && authorization) return this.#digest(request.method ?? '', authorization);
    const token = child(child(soap?.header, 'Security'), 'UsernameToken');
    if (auth !== 'digest' && token) return this.#token(token);
    return { ok: false, by: 'none', stale: false, why: 'no credentials' };
  }

  /** One `WWW-Authenticate` value an algorithm; none where only tokens are taken. */
  challenges(stale: boolean, isSoap: boolean): string[] {
    const auth = this.#auth(isSoap);
    if (auth === 'token' || auth === 'none') return [];
    const nonce = randomBytes(16).toString('hex');
    const told = this.#toldWith(nonce);
    for (const old of this.#nonces.keys())
      if (this.#nonces.size > noncesMax) this.#nonces.delete(old);
    return told.algorithms.map(
      (name) =>
        `Digest realm="${told.realm}", qop="auth", nonce="${nonce}", opaque="77,7", algorithm=${name}` +
        (stale ? ', stale=true' : ''),
    );
  }

  #auth(isSoap: boolean): GuardOptions['auth'] {
    const { auth } = this.#options;
    return auth === 'token' && !isSoap ? 'digest' : auth;
  }

  /** The password that is taken now. */
  get expected(): string {
    return this.locked ? `not ${this.password}` : this.password;
  }

  #toldWith(nonce: string): Nonce {
    const turn = this.#challenges++;
    const { algorithms } = this.#options;
    const told = {
      bornMs: performance.now(),
      realm: this.whim === 'realm' ? `${realm}, ${turn}` : realm,
      algorithms:
        this.whim === 'algorithm' ? ([turn % 2 ? 'MD5' : 'SHA-256'] as const) : algorithms,
      count: 0,
    };
    this.#nonces.set(nonce, told);
    return told;
  }

  #token(token: Element): Verdict {
    const text = (name: string) => child(token, name)?.text ?? '';
    const no = (why: string): Verdict => ({ ok: false, by: 'token', stale: false, why });
    const nonce = text('Nonce');
    const created = text('Created');
    const digest = createHash('sha1')
      .update(Buffer.from(nonce, 'base64'))
      .update(created + this.expected)
      .digest('base64');
    if (text('Username') !== this.#options.username || text('Password') !== digest)
      return no('password');
    const ageMs = this.#options.now() - Date.parse(created);
    if (!(Math.abs(ageMs) <= this.#options.windowMs))
      return no(`token is ${Math.round(ageMs)} ms old`);
    if (this.#options.nonceOnce && this.#seen.has(nonce)) return no('nonce was used before');
    this.#seen.add(nonce);
    for (const old of this.#seen) if (this.#seen.size > noncesMax) this.#seen.delete(old);
    return { ok: true, by: 'token' };
  }

  #digest(method: string, authorization: string): Verdict {
    const given = new Map<string, string>();
    for (const [, name = '', quoted, bare] of authorization.matchAll(
      /(\w+)=(?:"([^"]*)"|([^\s,]+))/g,
    ))
      given.set(name, quoted ?? bare ?? '');
    const of = (name: string) => given.get(name) ?? '';
    const no = (why: string, stale = false): Verdict => ({ ok: false, by: 'digest', stale, why });
    const known = this.#nonces.get(of('nonce'));
    if (!known) return no('nonce is not ours');
    if (this.whim === 'nonce-stale') return no('called stale', true);
    const algorithm = known.algorithms.find((name) => name === (of('algorithm') || 'MD5'));
    if (!algorithm) return no('algorithm');
    const sum = (text: string) =>
      createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
        .update(text)
        .digest('hex');
    const ha1 = sum(`${this.#options.username}:${known.realm}:${this.expected}`);
    const ha2 = sum(`${method}:${of('uri')}`);
    const right = sum([ha1, of('nonce'), of('nc'), of('cnonce'), of('qop'), ha2].join(':'));
    if (of('response') !== right || of('realm') !== known.realm) return no('password');
    if (performance.now() - known.bornMs > this.#options.nonceLifeMs)
      return no('nonce has aged', true);
    const count = Number.parseInt(of('nc'), 16);
    if (!(count > known.count)) return no('count did not rise', true);
    known.count = count;
    if (this.whim) this.#nonces.delete(of('nonce'));
    return { ok: true, by: 'digest' };
  }
}
