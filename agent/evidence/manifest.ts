// What a bundle says of itself: its files with their hashes, the part of the chain, who took it away and why;
// and the signature over that. Both are canonical JSON with a line end, so that of each there is one right
// form, and a changed byte is a changed meaning.

import { createPublicKey, hash, verify } from 'node:crypto';
import * as z from 'zod';
import { canonical, keyIdOf } from '../store/chain.ts';

export const names = {
  manifest: 'manifest.json',
  signature: 'manifest.sig',
  chain: 'chain.jsonl',
  json: 'report.json',
  zh: 'report.zh.html',
  en: 'report.en.html',
} as const;

/** Clips of an hour, snapshots and talks are some fifty. */
export const filesMax = 1_000;
export const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,159}$/);

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
const word = z.string().max(256);
const key = z.strictObject({
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  publicKey: z.string().max(256),
});

export const manifestShape = z.strictObject({
  v: z.literal(1),
  what: z.literal('gate-agent evidence'),
  terminal: z.string().min(1).max(64),
  incident: z.string().min(1).max(128),
  export: z.strictObject({
    id: word,
    role: word,
    user: word,
    reason: z.string().max(200),
    wallMs: z.number(),
  }),
  chain: z.strictObject({
    from: z.strictObject({ seq: count, hash: hex }),
    head: z.strictObject({
      ...{
        seq: count,
        hash: hex,
        alg: z.literal('ed25519'),
        keyId: z.string().max(64),
        sig: z.string().max(128),
      },
    }),
    /** Keys that signed here before, oldest first. */
    earlierKeys: z.array(key).max(64),
  }),
  files: z.array(z.strictObject({ name: fileName, bytes: count, sha256: hex })).max(filesMax),
  /** Files that should be here. */
  absent: z.array(z.strictObject({ name: fileName, why: z.string().max(400) })).max(filesMax),
});
export type Manifest = z.infer<typeof manifestShape>;

export const signatureShape = z.strictObject({
  v: z.literal(1),
  alg: z.literal('ed25519'),
  terminal: z.string().min(1).max(64),
  keyId: z.string().max(64),
  /** SPKI, base64. */
  publicKey: z.string().max(256),
  /** Of the manifest. */
  sha256: hex,
  sig: z.string().max(128),
});
export type Signature = z.infer<typeof signatureShape>;

/** What the evidence key signs. */
export const manifestText = (terminal: string, sha256: string): string =>
  `gate-evidence:v1:${terminal}:${sha256}`;

export const bytesOf = (value: Manifest | Signature): Buffer =>
  Buffer.from(`${canonical(value)}\n`);

/** SHA-256 of the key's SPKI, hex: what people compare. Its first 16 digits are the key's name. */
export const fingerprintOf = (publicKey: string): string =>
  hash('sha256', Buffer.from(publicKey, 'base64'), 'hex');

/** Whether this is an Ed25519 key of that name, written as base64 is written. */
export function isKey({
  keyId,
  publicKey,
}: {
  readonly keyId: string;
  readonly publicKey: string;
}): boolean {
  const spki = Buffer.from(publicKey, 'base64');
  if (spki.toString('base64') !== publicKey || keyIdOf(spki) !== keyId) return false;
  return keyFrom(spki)?.asymmetricKeyType === 'ed25519';
}

/** Base64 of the SPKI; null: it is no key. */
export const publicKeyOf = (publicKey: string) => keyFrom(Buffer.from(publicKey, 'base64'));

function keyFrom(spki: Buffer) {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch (error) {
    // Whatever OpenSSL has against these bytes: they are no key.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

/** The key must be one (`isKey`). */
export function isSigned({ terminal, sha256, publicKey, sig }: Signature): boolean {
  const text = manifestText(terminal, sha256);
  const bytes = Buffer.from(sig, 'base64');
  const key = publicKeyOf(publicKey);
  if (!key || bytes.toString('base64') !== sig) return false;
  return verify(null, Buffer.from(text), key, bytes);
}
