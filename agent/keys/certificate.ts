// Is this certificate the right one for the terminal? Held against its key, the authority, the clock, what
// it is for and whom it names: all that is wrong is said at once, each in one sentence that says what to do.
// The broker has the last word; this is said before it is asked.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

export const certificateLimits = {
  /** PEM with all that leads up to the authority. */
  bytesMax: 64 * 1024,
  chainMax: 8,
} as const;

export interface CertificateCase {
  /** PEM: the certificate first, then what leads from it to the authority. */
  readonly cert: string;
  /** PEM of the private key that it is to belong to. */
  readonly key: string;
  /** PEM of the authorities that are trusted; null: not looked at. */
  readonly ca: string | null;
  /** Whom it must name: the terminal's id; null: anybody. */
  readonly name: string | null;
  /** Unix milliseconds; null: the clock is not good, so the dates are not looked at. */
  readonly nowMs: number | null;
}

export interface CertificateTrouble {
  readonly what: 'unreadable' | 'key' | 'chain' | 'clock' | 'purpose' | 'name';
  /** One sentence: what is wrong, and what to do. */
  readonly detail: string;
}

/** All that is wrong with it; empty: it is good. Never throws for what it is given. */
export function troublesOf(one: CertificateCase): readonly CertificateTrouble[] {
  const chain = readChain(one.cert);
  if (typeof chain === 'string') return [{ what: 'unreadable', detail: chain }];
  const [leaf, ...others] = chain;
  const found: { readonly [W in CertificateTrouble['what']]?: string | null } = {
    key: keyTrouble(leaf, one.key),
    chain: one.ca === null ? null : chainTrouble(leaf, others, one.ca),
    clock: one.nowMs === null ? null : clockTrouble(leaf, one.nowMs),
    purpose: purposeTrouble(leaf),
    name: one.name === null ? null : nameTrouble(leaf, one.name),
  };
  const kinds = ['key', 'chain', 'clock', 'purpose', 'name'] as const;
  return kinds.flatMap((what) => {
    const detail = found[what];
    return detail ? [{ what, detail }] : [];
  });
}

type Chain = readonly [X509Certificate, ...X509Certificate[]];

/** The certificates of a PEM text, the first its owner's; or why they cannot be read. */
export function readChain(pem: string): Chain | string {
  const { bytesMax, chainMax } = certificateLimits;
  if (pem.length > bytesMax)
    return `it is larger than ${bytesMax / 1024} kB; is it the right file?`;
  const [first, ...more] = certificatesOf(pem);
  if (first === undefined)
    return 'there is no certificate in it; PEM is needed (-----BEGIN CERTIFICATE-----)';
  if (more.length >= chainMax)
    return `there are more than ${chainMax} certificates in it; leave out what is not needed`;
  const read = [first, ...more].map(readOne);
  const broken = read.indexOf(null);
  if (broken >= 0)
    return `certificate ${broken + 1} of ${read.length} in it is damaged; copy the file again`;
  const [leaf, ...others] = read.filter((one) => one !== null);
  return leaf ? [leaf, ...others] : 'there is no certificate in it';
}

/** Common name of the certificate's owner; empty where it has none. */
export const commonNameOf = ({ subject }: X509Certificate): string =>
  /^CN=(.*)$/m.exec(subject ?? '')?.[1] ?? '';

/** Blocks of PEM, as text. */
const certificatesOf = (pem: string): string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

function readOne(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

function keyTrouble(leaf: X509Certificate, pem: string): string | null {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return 'there is no private key beside it that can be read; unencrypted PEM is needed';
  }
  if (leaf.checkPrivateKey(key)) return null;
  return 'it belongs to another key; have one issued for the request (CSR) that was made with this key';
}

/** Up from the terminal's own, step by step, until one of the authorities has signed. */
function chainTrouble(
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  ca: string,
): string | null {
  const trusted = certificatesOf(ca)
    .map(readOne)
    .filter((one) => one !== null);
  if (trusted.length === 0) return 'there is no authority (ca) to hold it against; give its file';
  let here = leaf;
  for (let step = 0; step <= certificateLimits.chainMax; step += 1) {
    const signed = (by: X509Certificate) => hasSigned(by, here);
    if (trusted.some((one) => one.fingerprint256 === here.fingerprint256 || signed(one)))
      return null;
    const next = others.find((one) => one !== here && signed(one));
    if (!next) break;
    here = next;
  }
  return (
    `it is issued by ${issuerOf(here)}, whom no authority in ca has signed; have it issued by the ` +
    "platform's authority, or add what leads there behind it"
  );
}

function hasSigned(by: X509Certificate, one: X509Certificate): boolean {
  return by.ca && one.checkIssued(by) && one.verify(by.publicKey);
}

const issuerOf = ({ issuer }: X509Certificate): string =>
  /^CN=(.*)$/m.exec(issuer ?? '')?.[1] ?? 'somebody without a name';

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function clockTrouble(leaf: X509Certificate, nowMs: number): string | null {
  const [fromMs, untilMs] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
  if (nowMs > untilMs) return `it has expired on ${dayOf(untilMs)}; have a new one issued`;
  if (nowMs >= fromMs) return null;
  const says = `this PC says ${dayOf(nowMs)}; check its clock`;
  return `it is valid only from ${dayOf(fromMs)}, and ${says}`;
}

const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyPurpose = '2.5.29.37.0';

function purposeTrouble(leaf: X509Certificate): string | null {
  // What Node calls the key's usage is the extended one; without any it is good for everything.
  const uses: readonly string[] | undefined = leaf.keyUsage;
  if (uses === undefined || uses.includes(clientAuth) || uses.includes(anyPurpose)) return null;
  return 'it is not for a TLS client; have it issued with the extended key usage clientAuth';
}

function nameTrouble(leaf: X509Certificate, name: string): string | null {
  const others = (leaf.subjectAltName ?? '').split(', ').map((one) => one.replace(/^DNS:/, ''));
  const common = commonNameOf(leaf);
  if (common === name || others.includes(name)) return null;
  return `it names ${common || 'nobody'}, not ${name}; have it issued for this terminal`;
}
