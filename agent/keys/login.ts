// What the line shows to the broker, and whether a certificate that is offered may take its place.

import { createHash, type X509Certificate } from 'node:crypto';
import { commonNameOf, readChain, troublesOf } from './certificate.ts';

/** PEM, each. */
export interface Login {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** SHA-256 of the first certificate, hex; empty where there is none. */
export function fingerprintOf(pem: string | undefined): string {
  const chain = readChain(pem ?? '');
  return typeof chain === 'string' ? '' : createHash('sha256').update(chain[0].raw).digest('hex');
}

/** Of what has been read before. */
export function leafOf(pem: string): readonly [X509Certificate, ...X509Certificate[]] {
  const chain = readChain(pem);
  if (typeof chain === 'string') throw new Error(`a certificate that was good: ${chain}`);
  return chain;
}

export interface Offer {
  readonly chain: string;
  /** That it was asked for with. */
  readonly key: string;
  /** Unix milliseconds; null: the clock is not good. */
  readonly nowMs: number | null;
}

/** Why it may not, in sentences; null: it may. */
export function wrongWith({ chain, key, nowMs }: Offer, login: Login): string | null {
  const read = readChain(chain);
  if (typeof read === 'string') return read;
  const [fresh] = read;
  const [old, ...above] = leafOf(login.cert ?? '');
  const trusted = [login.ca ?? '', ...above.map(String)].join('\n');
  // Terminals may be signed by another authority than their broker is: then by the same as before.
  const isKnown = !troublesOf({
    ...{ cert: login.cert ?? '', key: login.key ?? '', ca: trusted, name: null, nowMs: null },
  }).some(({ what }) => what === 'chain');
  const troubles = troublesOf({
    ...{ cert: chain, key, ca: isKnown ? trusted : null, name: null, nowMs },
  }).map(({ detail }) => detail);
  if (!isKnown && fresh.issuer !== old.issuer)
    troubles.push('it is of another authority than the one in use');
  if (commonNameOf(fresh) !== commonNameOf(old))
    troubles.push(`it names ${commonNameOf(fresh) || 'nobody'}, not ${commonNameOf(old)}`);
  if (fresh.validToDate.getTime() < old.validToDate.getTime())
    troubles.push('it ends before the one in use');
  return troubles.length === 0 ? null : troubles.join('; ');
}
