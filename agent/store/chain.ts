// The hash chain of audit facts: h(n) = SHA-256(h(n-1) || seq || SHA-256(body)).
// h(n-1) and SHA-256(body) are 32 raw bytes each, seq is unsigned 64-bit big-endian, h(0) is 32 zero
// bytes, body is the UTF-8 of the canonical JSON `{"at":{..},"fact":{..}}` (RFC 8785: keys sorted by
// UTF-16 code unit, no white space, numbers and strings as ECMAScript writes them).

import assert from 'node:assert/strict';
import { createHash, createPublicKey, hash, verify } from 'node:crypto';
import type { Fact } from '../core/fact.ts';
import type { Moment } from '../core/state.ts';
import type { AuditRow, Checkpoint } from './protocol.ts';

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

/** Hash of record `seq`, which follows the record of hash `previous`. */
export function nextHash(previous: string, seq: number, bodyHash: string): string {
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

/** What the evidence key signs where records were dropped or lost. */
export const checkpointText = (
  terminal: string,
  { why, seq, hash: hex }: Pick<Checkpoint, 'why' | 'seq' | 'hash'>,
): string => `gate-checkpoint:v1:${terminal}:${why}:${seq}:${hex}`;

interface Signature {
  readonly alg: string;
  readonly keyId: string;
  readonly sig: string;
}

function isSignedBy(publicKey: string, text: string, { alg, keyId, sig }: Signature): boolean {
  const spki = Buffer.from(publicKey, 'base64');
  if (alg !== 'ed25519' || keyId !== keyIdOf(spki)) return false;
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text), key, Buffer.from(sig, 'base64'));
}

/** @param publicKey base64 of the SPKI, as the birth message tells it. */
export const verifyHead = (head: Head, terminal: string, publicKey: string): boolean =>
  isSignedBy(publicKey, headText(terminal, head), head);

/** Records that are not there, first and last. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

export type Verdict =
  | ({
      readonly ok: true;
      /** Records lost, each under a signed checkpoint; absent where none are. */
      readonly gaps?: readonly Gap[];
      /** Signed heads within what was pruned or lost: nothing speaks against them, nothing for them. */
      readonly unproven?: number;
    } & ChainAt)
  | { readonly ok: false; readonly seq: number; readonly problem: string };

/** Heads that went out, and whose key must have signed them. */
export interface Signed {
  readonly terminal: string;
  readonly publicKey: string;
  /** Keys that signed here before (evidence-keys.txt). */
  readonly earlier?: readonly string[];
  readonly heads: readonly Head[];
}

/**
 * Checks records in order of `seq`, and that every signed head lies on the chain they make. Stubs
 * (records without a body) prove as much as their record did. A gap is passed only under a checkpoint.
 * @param checkpoints signed by a key of `signed`; not looked at where that is null.
 * @param start where the rows go on; what is before it is not judged.
 */
export function verifyChain(
  rows: readonly AuditRow[],
  signed: Signed | null = null,
  checkpoints: readonly Checkpoint[] = [],
  start: ChainAt = genesis,
): Verdict {
  const keys = signed ? [signed.publicKey, ...(signed.earlier ?? [])] : [];
  for (const one of checkpoints) {
    const { seq } = one;
    if (signed && !keys.some((key) => isSignedBy(key, checkpointText(signed.terminal, one), one)))
      return { ok: false, seq, problem: 'the signature of a checkpoint is not by this key' };
  }
  const pruned = checkpoints.findLast(({ why }) => why === 'pruned') ?? null;
  const walk = new Walk(pruned ?? start, checkpoints);
  for (const row of rows) {
    // Dropping them takes a while after the checkpoint is there.
    if (row.seq <= (pruned?.seq ?? 0)) continue;
    const problem = walk.take(row);
    if (problem) return { ok: false, seq: row.seq, problem };
  }
  walk.end();
  let unproven = 0;
  for (const head of signed?.heads ?? []) {
    const { seq } = head;
    if (signed && !keys.some((key) => verifyHead(head, signed.terminal, key)))
      return { ok: false, seq, problem: 'the signature of this head is not by this key' };
    const known = walk.hashes.get(seq);
    if (known === undefined && walk.isGone(seq)) unproven++;
    else if (known !== head.hash)
      return { ok: false, seq, problem: 'a signed head is not on this chain' };
  }
  const { seq, hash: last } = walk.last;
  const some = { ...(walk.gaps.length > 0 && { gaps: walk.gaps }), ...(unproven && { unproven }) };
  return { ok: true, seq, hash: last, ...some };
}

/** One pass over the records. */
class Walk {
  readonly hashes: Map<number, string>;
  readonly gaps: Gap[] = [];
  last: ChainAt;
  readonly #start: number;
  readonly #lost: readonly Checkpoint[];

  constructor(start: ChainAt, checkpoints: readonly Checkpoint[]) {
    this.last = start;
    this.hashes = new Map([[start.seq, start.hash]]);
    this.#start = start.seq;
    this.#lost = checkpoints.filter(({ why }) => why === 'lost');
  }

  /** The problem, or null. */
  take(row: AuditRow): string | null {
    if (row.seq !== this.last.seq + 1) {
      if (!this.#pass(row.seq)) return `record ${this.last.seq + 1} is missing`;
    }
    const problem = this.last.seq === row.seq ? bodyProblem(row) : problemOf(row, this.last);
    if (problem) return problem;
    if (this.last.seq === row.seq && this.last.hash !== row.hash)
      return 'the checkpoint of this record says otherwise';
    this.last = row;
    this.hashes.set(row.seq, row.hash);
    return null;
  }

  /** A loss at the end, with no record after it yet. */
  end(): void {
    const { seq } = this.last;
    const furthest = this.#lost.toSorted((a, b) => a.seq - b.seq).at(-1);
    if (furthest && furthest.seq > seq) this.#jump(furthest, furthest.seq);
  }

  isGone = (seq: number): boolean =>
    seq < this.#start || this.gaps.some(({ from, to }) => from <= seq && seq <= to);

  /** To record `seq`, over a loss that ends before it or in it. */
  #pass(seq: number): boolean {
    if (seq <= this.last.seq) return false;
    const found = this.#lost.find((one) => one.seq === seq - 1 || one.seq === seq);
    if (found) this.#jump(found, found.seq === seq ? seq - 1 : found.seq);
    return found !== undefined;
  }

  #jump({ seq, hash: found }: ChainAt, to: number): void {
    this.gaps.push({ from: this.last.seq + 1, to });
    this.last = { seq, hash: found };
    this.hashes.set(seq, found);
  }
}

function problemOf(row: AuditRow, previous: ChainAt): string | null {
  return row.hash === nextHash(previous.hash, row.seq, row.bodyHash)
    ? bodyProblem(row)
    : 'the record does not follow from the one before';
}

function bodyProblem(row: AuditRow): string | null {
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
