// A record that leaves the house with the evidence key's signature on it: an acceptance certificate, the
// report of a drill, a patrol. The file is the driver's; its hash is a fact of the chain, told to the
// platform.

import type { Draft } from './draft.ts';

/** `key-handover`: by the evidence key that was, for the one that follows it. */
export const signedKinds = ['acceptance', 'drill', 'patrol', 'key-handover'] as const;
export type SignedKind = (typeof signedKinds)[number];

export const signedResults = ['passed', 'failed'] as const;
export type SignedResult = (typeof signedResults)[number];

export const signedLimits = { summaryChars: 300, userChars: 64 } as const;

export interface SignedRecord {
  readonly record: SignedKind;
  /** In the directory of records; null: the disk did not take it, and its maker alone has it. */
  readonly file: string | null;
  /** Of what was signed, hex: what the file says of itself. */
  readonly sha256: string;
  readonly result: SignedResult;
  /** One sentence for people. */
  readonly summary: string;
  /** Who had it made. */
  readonly role: string;
  readonly user: string;
}

/** Takes a `record.signed` fact. */
export function recordSigned(draft: Draft, signed: SignedRecord): void {
  const { record, file, sha256, result, summary, role, user } = signed;
  draft.tell('event', {
    ...({ kind: 'record.signed', record, file, sha256, result, summary, role, user } as const),
  });
}
