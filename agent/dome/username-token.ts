// WS-UsernameToken 1.0 with a password digest, as a SOAP header. Each is made for the request that carries
// it: its nonce serves once, and domes refuse one that is seconds old.

import { createHash, type Hash, randomBytes } from 'node:crypto';
import type { Credentials } from '../digest.ts';
import { escapeXml } from './xml.ts';

const wss = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity';
const profile =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0';
const messages =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0';

/** A nonce, and the digest that begins with it. */
interface Begun {
  readonly nonce: string;
  readonly digest: Hash;
}

function begin(): Begun {
  const nonce = randomBytes(16);
  return { nonce: nonce.toString('base64'), digest: createHash('sha1').update(nonce) };
}

export class UsernameToken {
  readonly #password: string;
  readonly #before: string;
  #begun: Begun | null = null;

  constructor({ username, password }: Credentials) {
    this.#password = password;
    this.#before =
      `<s:Header><w:Security s:mustUnderstand="1" xmlns:w="${wss}-secext-1.0.xsd" ` +
      `xmlns:u="${wss}-utility-1.0.xsd">` +
      `<w:UsernameToken><w:Username>${escapeXml(username)}</w:Username>` +
      `<w:Password Type="${profile}#PasswordDigest">`;
  }

  /** Begins the next one while nothing presses: 0.05 ms that an alarm need not wait. */
  prepare(): void {
    this.#begun ??= begin();
  }

  /** `createdMs`: by the dome's own clock, Unix ms. */
  header(createdMs: number): string {
    const { nonce, digest } = this.#begun ?? begin();
    this.#begun = null;
    const created = new Date(createdMs).toISOString();
    digest.update(created + this.#password);
    return (
      `${this.#before}${digest.digest('base64')}</w:Password>` +
      `<w:Nonce EncodingType="${messages}#Base64Binary">${nonce}</w:Nonce>` +
      `<u:Created>${created}</u:Created></w:UsernameToken></w:Security></s:Header>`
    );
  }
}

/** Other headers beside a token; empty: they stand alone. */
export function beside(token: string, others: string): string {
  const end = '</s:Header>';
  return token === '' ? `<s:Header>${others}${end}` : token.slice(0, -end.length) + others + end;
}
