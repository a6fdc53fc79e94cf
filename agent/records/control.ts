// What control.sock answers of signed records. The key never leaves the daemon: it signs what it is handed,
// under a text that nothing else has, and the chain has it, with the name they gave.

import * as z from 'zod';
import { type SignedKind, signedLimits, signedResults } from '../core/signed.ts';
import { Refusal } from '../refusal.ts';
import { recordLimits } from './record.ts';
import type { Recorder } from './recorder.ts';

/** What people at the terminal may have signed; drills and patrols are the daemon's own. */
const asked = z.strictObject({
  kind: z.literal('acceptance' satisfies SignedKind),
  body: z.record(z.string(), z.unknown()),
  result: z.enum(signedResults),
  summary: z.string().min(1).max(signedLimits.summaryChars),
  user: z.string().min(1).max(signedLimits.userChars),
});

/** Null: the terminal is not armed. */
export function recordVerbs(recorder: Pick<Recorder, 'make'> | null) {
  return {
    'records.sign': async (args: unknown) => {
      if (!recorder) return refuse('terminal', 'it is not armed: it has no key to sign with');
      const read = asked.safeParse(args);
      if (!read.success) {
        const fields = read.error.issues.map(({ path, message }) => ({
          ...{ field: path.join('.') || '(args)', value: null, hint: message },
        }));
        throw new Refusal(fields, 'record');
      }
      if (Buffer.byteLength(JSON.stringify(read.data.body)) > recordLimits.bodyBytesMax)
        refuse('body', `${recordLimits.bodyBytesMax} bytes at most`);
      return await recorder.make({ ...read.data, role: 'local' });
    },
  } as const;
}

function refuse(field: string, hint: string): never {
  throw new Refusal([{ field, value: null, hint }], 'record');
}
