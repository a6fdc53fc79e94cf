// A signed record: canonical JSON with a line end, so that there is one right form of it and a changed byte
// is a changed meaning. Its SHA-256 is over all of it but hash and signature; the signature is over that,
// the terminal and the kind. Whoever checks one needs nothing but the file.

import { hash, verify } from 'node:crypto';
import * as z from 'zod';
import { signedKinds, signedLimits, signedResults } from '../core/signed.ts';
import { isKey, publicKeyOf } from '../evidence/manifest.ts';
import { canonical } from '../store/chain.ts';

/** Of a file, and of a body on its way over control.sock. */
export const recordLimits = { fileBytesMax: 256 * 1024, bodyBytesMax: 48 * 1024 } as const;

const hex = z.string().regex(/^[0-9a-f]{64}$/);

const content = {
  v: z.literal(1),
  what: z.literal('gate-agent record'),
  kind: z.enum(signedKinds),
  terminal: z.string().min(1).max(64),
  /** Unix time, milliseconds; `clock` says whether it is to be believed. */
  madeWallMs: z.number().int().nonnegative(),
  clock: z.enum(['good', 'unknown']),
  result: z.enum(signedResults),
  /** One sentence for people. */
  summary: z.string().max(signedLimits.summaryChars),
  body: z.record(z.string(), z.unknown()),
};

export const recordShape = z.strictObject({
  ...content,
  sha256: hex,
  signature: z.strictObject({
    alg: z.literal('ed25519'),
    keyId: z.string().max(64),
    /** SPKI, base64. */
    publicKey: z.string().max(256),
    sig: z.string().max(128),
  }),
});
export type SignedFile = z.infer<typeof recordShape>;
export type Unsigned = Omit<SignedFile, 'v' | 'what' | 'sha256' | 'signature'>;

/** The evidence key; its private half stays where it is. */
export interface Signer {
  readonly keyId: string;
  /** SPKI, base64. */
  readonly publicKey: string;
  /** Base64. */
  sign(text: string): string;
}

const contentOf = ({ kind, terminal, madeWallMs, clock, result, summary, body }: Unsigned) => ({
  ...({ v: 1, what: 'gate-agent record', kind, terminal, madeWallMs, clock } as const),
  ...{ result, summary, body },
});

const sha256Of = (record: Unsigned): string => hash('sha256', canonical(contentOf(record)), 'hex');

/** What the evidence key signs: begins unlike all else that it signs. */
const recordText = ({ terminal, kind }: Pick<Unsigned, 'terminal' | 'kind'>, sha256: string) =>
  `gate-record:v1:${terminal}:${kind}:${sha256}`;

/** `body` must be what JSON can hold. */
export function signedRecord(unsigned: Unsigned, { keyId, publicKey, sign }: Signer): SignedFile {
  const sha256 = sha256Of(unsigned);
  const sig = sign(recordText(unsigned, sha256));
  const signature = { alg: 'ed25519', keyId, publicKey, sig } as const;
  return { ...contentOf(unsigned), sha256, signature };
}

export const recordBytes = (record: SignedFile): Buffer => Buffer.from(`${canonical(record)}\n`);

/** Null: nothing speaks against it; else what does, in one sentence. */
export function problemOf(record: SignedFile): string | null {
  if (sha256Of(record) !== record.sha256)
    return 'it was changed: its SHA-256 is not the one that was signed for';
  return isSigned(record) ? null : 'it was changed: the signature is not by the key that it names';
}

function isSigned({ signature, ...record }: SignedFile): boolean {
  const bytes = Buffer.from(signature.sig, 'base64');
  if (!isKey(signature) || bytes.toString('base64') !== signature.sig) return false;
  const key = publicKeyOf(signature.publicKey);
  return key !== null && verify(null, Buffer.from(recordText(record, record.sha256)), key, bytes);
}
