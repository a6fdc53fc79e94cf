// Another evidence key: made and on the disk first, then handed over to in a record that the old one signs
// and the platform is told of, then in use. What the old one signed is checked by its public half, which
// stays (evidence-keys.txt, and in every bundle). Interrupted anywhere, the old key goes on, and whoever asks
// again gets the same new one.

import * as z from 'zod';
import { openIncidents } from '../core/incident.ts';
import { signedLimits } from '../core/signed.ts';
import type { State } from '../core/state.ts';
import { fingerprintOf } from '../evidence/manifest.ts';
import { Refusal } from '../refusal.ts';
import type { KeyInUse } from '../store/evidence-key.ts';
import type { Recorder } from './recorder.ts';

export interface HandoverDesk {
  readonly store: { readonly evidence: KeyInUse };
  readonly terminal: { readonly state: State };
  /** Begun anew, it tells the platform of the new key. */
  readonly uplink: { relogin(why: string): void };
  readonly recorder: Pick<Recorder, 'make'> | null;
}

const asked = z.strictObject({
  reason: z
    .string()
    .min(1)
    .max(signedLimits.summaryChars)
    .refine((text) => text.trim() !== '' && text.isWellFormed(), 'well-formed, not blank'),
  user: z.string().min(1).max(signedLimits.userChars),
});

export interface HandedOver {
  readonly from: string;
  readonly to: string;
  /** SHA-256 of the new key's public half, hex. */
  readonly fingerprint: string;
  /** The record, in the directory of records; null: the disk did not take it. */
  readonly file: string | null;
}

/** Null: the terminal is not armed. */
export function handoverVerbs(desk: HandoverDesk | null) {
  let running = false;
  return {
    'evidence.rotate-key': async (args: unknown): Promise<HandedOver> => {
      const read = asked.safeParse(args);
      if (!read.success) refuse('reason', read.error.issues[0]?.message ?? 'give a reason');
      if (!desk?.recorder) refuse('terminal', 'it is not armed: it has no key');
      const { durable, live } = desk.terminal.state;
      if (openIncidents(durable).length > 0) refuse('terminal', 'not while a case is open');
      if (live.exports.length > 0) refuse('terminal', 'an export is under way; ask again later');
      if (running) refuse('terminal', 'it is being done');
      running = true;
      try {
        return await handOver(desk, desk.recorder, read.data);
      } finally {
        running = false;
      }
    },
  } as const;
}

async function handOver(
  { store: { evidence }, uplink }: HandoverDesk,
  recorder: Pick<Recorder, 'make'>,
  { reason, user }: z.infer<typeof asked>,
): Promise<HandedOver> {
  const { keyId, publicKey } = evidence;
  const next = evidence.next();
  const fingerprint = fingerprintOf(next.publicKey);
  const { file } = await recorder.make({
    ...({ kind: 'key-handover', result: 'passed', role: 'local', user } as const),
    summary: `evidence key ${next.keyId} follows ${keyId}: ${reason}`,
    body: {
      ...{ from: { keyId, publicKey }, reason },
      to: { alg: next.alg, keyId: next.keyId, publicKey: next.publicKey, fingerprint },
    },
  });
  evidence.adopt(next);
  uplink.relogin('another evidence key signs');
  return { from: keyId, to: next.keyId, fingerprint, file };
}

function refuse(field: string, hint: string): never {
  throw new Refusal([{ field, value: null, hint }], 'evidence key');
}
