// HTTP digest (RFC 7616), client side: MD5 and SHA-256, qop auth, one cached nonce with a rising count,
// so that a command at alarm time is one request and not two. `-sess` and auth-int are not spoken.

import { hash, randomUUID } from 'node:crypto';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  /** As the server spelt it; null where it named none (MD5 then). */
  readonly algorithm: string | null;
  readonly hash: 'sha256' | 'md5';
  readonly qop: boolean;
  readonly stale: boolean;
}

const part = /([!#$%&'*+\-.^_`|~\w]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/** Scheme and parameters of each challenge; one `WWW-Authenticate` value may hold several. */
function splitChallenges(values: readonly string[]) {
  const found: { scheme: string; params: Map<string, string> }[] = [];
  for (const value of values) {
    for (const [, name = '', quoted, bare] of value.matchAll(part)) {
      const given = quoted?.replace(/\\(.)/g, '$1') ?? bare;
      if (given === undefined) found.push({ scheme: name.toLowerCase(), params: new Map() });
      else found.at(-1)?.params.set(name.toLowerCase(), given);
    }
  }
  return found;
}

/** The strongest digest challenge that we can answer, or null. */
export function chooseChallenge(values: readonly string[]): Challenge | null {
  const usable = splitChallenges(values).flatMap(({ scheme, params }): Challenge[] => {
    const nonce = params.get('nonce');
    const algorithm = params.get('algorithm') ?? null;
    const kind = { md5: 'md5', 'sha-256': 'sha256' }[(algorithm ?? 'md5').toLowerCase()];
    const qops = params
      .get('qop')
      ?.toLowerCase()
      .split(/[\s,]+/);
    if (scheme !== 'digest' || nonce === undefined) return [];
    if (kind !== 'md5' && kind !== 'sha256') return [];
    if (qops && !qops.includes('auth')) return [];
    return [
      {
        realm: params.get('realm') ?? '',
        nonce,
        opaque: params.get('opaque') ?? null,
        algorithm,
        hash: kind,
        qop: qops !== undefined,
        stale: params.get('stale')?.toLowerCase() === 'true',
      },
    ];
  });
  return usable.find((one) => one.hash === 'sha256') ?? usable[0] ?? null;
}

/** A header is bytes, one a character: what the dome tells comes so, what we add is UTF-8 made so. */
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');
const hashOf = (kind: Challenge['hash'], bytes: string): string =>
  hash(kind, Buffer.from(bytes, 'latin1'));

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** One request's header, and what a refusal of it would mean. */
export interface Signed {
  readonly header: string;
  readonly challenge: Challenge;
  /** The nonce was never used before: it cannot have aged. */
  readonly fresh: boolean;
}

/** What a 401 says: send it again with the challenge it brought, the password is wrong, or it is a
 * challenge that we cannot answer. */
export type Refused = 'again' | 'password' | 'foreign';

/** Nonces may be good for one request only, and several calls share ours: so often a call is sent. */
export const digestTriesMax = 4;

/** One protection space: its current nonce and how often it was used. */
export class Digest {
  readonly #credentials: Credentials;
  #challenge: Challenge | null = null;
  #ha1 = '';
  #count = 0;
  #ready: (Signed & { readonly method: string; readonly uri: string }) | null = null;

  constructor(credentials: Credentials) {
    const { username, password } = credentials;
    this.#credentials = { username: bytesOf(username), password: bytesOf(password) };
  }

  /** Takes a server's challenge over; false when it holds none that we can answer. */
  adopt(values: readonly string[]): boolean {
    const challenge = chooseChallenge(values);
    if (!challenge) return false;
    // Two calls refused at once bring the same nonce twice: its count must go on rising.
    if (challenge.nonce !== this.#challenge?.nonce) this.#count = 0;
    const { username, password } = this.#credentials;
    this.#challenge = challenge;
    this.#ready = null;
    this.#ha1 = hashOf(challenge.hash, `${username}:${challenge.realm}:${password}`);
    return true;
  }

  /** Judges a 401 by what was sent, and takes its challenge over. Only an unused nonce that is not
   * called stale, for the realm and the algorithm that the dome asks for, proves a wrong password. */
  refused(sent: Signed | null, values: readonly string[]): Refused {
    if (!this.adopt(values)) return 'foreign';
    const now = this.#challenge;
    if (!sent || !now || !sent.fresh || now.stale) return 'again';
    const { realm, hash } = sent.challenge;
    return realm === now.realm && hash === now.hash ? 'password' : 'again';
  }

  forget(): void {
    this.#challenge = null;
    this.#ready = null;
  }

  /** Signs the next request beforehand, while nothing presses: 0.1 ms that an alarm need not wait. */
  prepare(method: string, uri: string): void {
    const signed = this.#make(method, uri);
    this.#ready = signed && { ...signed, method, uri };
  }

  /** The `Authorization` header of the next request; null before the first challenge. */
  sign(method: string, uri: string): Signed | null {
    const ready = this.#ready;
    this.#ready = null;
    const isIt = ready?.method === method && ready.uri === uri;
    const signed = isIt ? ready : this.#make(method, uri);
    if (signed) this.#count += 1;
    return signed;
  }

  #make(method: string, uri: string): Signed | null {
    const challenge = this.#challenge;
    if (!challenge) return null;
    const { nonce, opaque, algorithm, realm, qop } = challenge;
    const fresh = this.#count === 0;
    const ha2 = hashOf(challenge.hash, `${method}:${uri}`);
    const count = (this.#count + 1).toString(16).padStart(8, '0');
    const cnonce = randomUUID();
    const middle = qop ? `${nonce}:${count}:${cnonce}:auth` : nonce;
    const response = hashOf(challenge.hash, `${this.#ha1}:${middle}:${ha2}`);
    const fields = [
      `username=${quote(this.#credentials.username)}`,
      `realm=${quote(realm)}`,
      `nonce=${quote(nonce)}`,
      `uri=${quote(uri)}`,
      `response="${response}"`,
    ];
    if (algorithm !== null) fields.push(`algorithm=${algorithm}`);
    if (opaque !== null) fields.push(`opaque=${quote(opaque)}`);
    if (qop) fields.push('qop=auth', `nc=${count}`, `cnonce="${cnonce}"`);
    return { header: `Digest ${fields.join(', ')}`, challenge, fresh };
  }
}
