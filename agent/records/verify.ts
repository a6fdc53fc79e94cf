// Checks a signed record from the file alone: no daemon, no configuration, no network.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { SignedKind } from '../core/signed.ts';
import { fingerprintOf } from '../evidence/manifest.ts';
import { problemOf, recordBytes, recordLimits, recordShape, type SignedFile } from './record.ts';

export interface RecordVerdict {
  readonly ok: boolean;
  /** One sentence; null: nothing has been changed. */
  readonly problem: string | null;
  /** Null where too little of it is left. */
  readonly record: SignedFile | null;
  readonly key: { readonly keyId: string; readonly fingerprint: string };
}

/** What no other JSON has in it. */
const marks = ['"gate-agent record"', '"madeWallMs":', '"signature":{"alg":'];

/** Null: it is no record of ours, nor was it one. */
export function verifyRecord(bytes: Buffer): RecordVerdict | null {
  const { data: record } = recordShape.safeParse(jsonOf(bytes));
  if (!record) {
    // A changed byte may have hit one of them.
    const text = bytes.toString('latin1');
    if (marks.filter((mark) => text.includes(mark)).length < 2) return null;
    const problem = 'it was changed: it is no record as gate-agent writes it';
    return { ok: false, problem, record: null, key: { keyId: '', fingerprint: '' } };
  }
  const isAsWritten = bytes.equals(recordBytes(record));
  const problem = isAsWritten
    ? problemOf(record)
    : 'it was changed: it is not written as gate-agent writes it';
  const { keyId, publicKey } = record.signature;
  const key = { keyId, fingerprint: fingerprintOf(publicKey) };
  return { ok: problem === null, problem, record, key };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The file's bytes; null where it is something else than JSON, or larger than a record may be. Throws what
 * the disk throws. */
export function readRecord(path: string): Buffer | null {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const isJson = path.endsWith('.json');
    if (size > recordLimits.fileBytesMax) return null;
    const bytes = Buffer.alloc(size);
    let read = 0;
    for (let more = -1; more !== 0 && read < size; read += more)
      more = readSync(fd, bytes, read, size - read, read);
    return isJson || bytes[0] === 0x7b ? bytes.subarray(0, read) : null;
  } finally {
    closeSync(fd);
  }
}

const kindWords: { readonly [K in SignedKind]: string } = {
  acceptance: 'acceptance certificate',
  drill: 'drill report',
  patrol: 'patrol report',
  'key-handover': 'handover of the evidence key',
};

/** What was found, for people. */
export function recordLines({ problem, record }: RecordVerdict, signer: string): string[] {
  if (!record) return [`Wrong: ${problem}`];
  const { kind, terminal, result, summary, madeWallMs, clock, sha256 } = record;
  const day = new Date(madeWallMs).toISOString().slice(0, 19).replace('T', ' ');
  const made = `${day} UTC${clock === 'good' ? '' : ' by a clock that nobody had set'}`;
  const told = `${kindWords[kind]} of terminal ${terminal}, ${result}, made ${made}`;
  return [
    problem === null ? `Right: ${told}: nothing has been changed.` : `Wrong: ${problem}`,
    ...(problem === null ? [`It says: ${JSON.stringify(summary)}`, `SHA-256 ${sha256}`] : []),
    signer,
  ];
}
