// The hash chain of audit facts: h(n) = SHA-256(h(n-1) || seq || SHA-256(body)).
// h(n-1) and SHA-256(body) are 32 raw bytes each, seq is unsigned 64-bit big-endian, h(0) is 32 zero
// bytes, body is the UTF-8 of the canonical JSON `{"at":{..},"fact":{..}}` (RFC 8785: keys sorted by
// UTF-16 code unit, no white space, numbers and strings as ECMAScript writes them).

import assert from 'node:assert/strict';
import { createHash, createPublicKey, hash, verify } from 'node:crypto';
import type { Fact } from '../core/fact.ts';
import type { Moment } from '../core/state.ts';
import type { AuditRow } from './protocol.ts';

/** Position in the chain: after `seq` records its hash is `hash` (hex). */
export interface ChainAt {
  readonly seq: number;
  readonly hash: string;
}

/** A signed position; the shape of the contract's `chainHead`. */
export interface Head extends ChainAt {
  readonly alg: 'ed25519';
  readonly keyId: string;
  /** Over `headText`, base64. */
  readonly sig: string;
}

export const genesis: ChainAt = { seq: 0, hash: '0'.repeat(64) };

/** JSON with sorted keys: equal values give equal bytes. Keys whose value is undefined are left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
    return `{${parts.join(',')}}`;
  }
  assert(typeof value !== 'number' || Number.isFinite(value), 'a number that JSON can hold');
  const json: string | undefined = JSON.stringify(value);
  assert(json !== undefined, `a value that JSON can hold, not ${typeof value}`);
  return json;
}

function nextHash(previous: string, seq: number, bodyHash: string): string {
  const bytes = Buffer.alloc(72);
  bytes.write(previous, 0, 'hex');
  bytes.writeBigUInt64BE(BigInt(seq), 32);
  bytes.write(bodyHash, 40, 'hex');
  return hash('sha256', bytes, 'hex');
}

/** The record that follows `previous`. */
export function extend(previous: ChainAt, at: Moment, fact: Fact): AuditRow {
  const body = canonical({ at, fact });
  const seq = previous.seq + 1;
  const bodyHash = hash('sha256', body, 'hex');
  return {
    seq,
    kind: fact.kind,
    wallMs: at.wallMs,
    monoMs: at.monoMs,
    bootId: at.bootId,
    body,
    bodyHash,
    hash: nextHash(previous.hash, seq, bodyHash),
  };
}

/** What the evidence key signs. */
export const headText = (terminal: string, { seq, hash: hex }: ChainAt): string =>
  `gate-chain:v1:${terminal}:${seq}:${hex}`;

/** First 16 hex digits of SHA-256 of the public key's SPKI. */
export const keyIdOf = (spki: Buffer): string =>
  createHash('sha256').update(spki).digest('hex').slice(0, 16);

/** @param publicKey base64 of the SPKI, as the birth message tells it. */
export function verifyHead(head: Head, terminal: string, publicKey: string): boolean {
  const spki = Buffer.from(publicKey, 'base64');
  if (head.alg !== 'ed25519' || head.keyId !== keyIdOf(spki)) return false;
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const signature = Buffer.from(head.sig, 'base64');
  return verify(null, Buffer.from(headText(terminal, head)), key, signature);
}

export type Verdict =
  | ({ readonly ok: true } & ChainAt)
  | { readonly ok: false; readonly seq: number; readonly problem: string };

/** Heads that went out, and whose key must have signed them. */
export interface Signed {
  readonly terminal: string;
  readonly publicKey: string;
  readonly heads: readonly Head[];
}

/**
 * Checks records in order of `seq`, and that every signed head lies on the chain they make.
 * @param from where the first record hangs: the start, or a checkpoint after pruning.
 */
export function verifyChain(
  rows: readonly AuditRow[],
  signed: Signed | null = null,
  from: ChainAt = genesis,
): Verdict {
  const hashes = new Map([[from.seq, from.hash]]);
  let last = from;
  for (const row of rows) {
    const problem = problemOf(row, last);
    if (problem) return { ok: false, seq: row.seq, problem };
    last = row;
    hashes.set(row.seq, row.hash);
  }
  for (const head of signed?.heads ?? []) {
    const { seq } = head;
    if (signed && !verifyHead(head, signed.terminal, signed.publicKey))
      return { ok: false, seq, problem: 'the signature of this head is not by this key' };
    if (hashes.get(seq) !== head.hash)
      return { ok: false, seq, problem: 'a signed head is not on this chain' };
  }
  return { ok: true, seq: last.seq, hash: last.hash };
}

function problemOf(row: AuditRow, previous: ChainAt): string | null {
  if (row.seq !== previous.seq + 1) return `record ${previous.seq + 1} is missing`;
  if (row.hash !== nextHash(previous.hash, row.seq, row.bodyHash))
    return 'the record does not follow from the one before';
  if (row.body === null) return null;
  if (hash('sha256', row.body, 'hex') !== row.bodyHash) return 'the body was changed';
  const { kind, wallMs, monoMs, bootId } = row;
  const told = columnsOf(row.body);
  const columns = canonical({ kind, wallMs, monoMs, bootId });
  return columns === told ? null : 'a column does not say what the body says';
}

/** The body is genuine when this runs: its hash was checked. */
function columnsOf(body: string): string {
  const { at, fact }: { at: Moment; fact: Fact } = JSON.parse(body);
  return canonical({ kind: fact.kind, wallMs: at.wallMs, monoMs: at.monoMs, bootId: at.bootId });
}
