// Signed records: that one was made, with its hash. The file itself stays at the terminal and with whoever
// had it made; `gate-agent verify` checks it.

import * as z from 'zod';
import { signedKinds, signedLimits, signedResults } from '../core/signed.ts';
import * as part from './parts.ts';

/** With what every event has. */
export const signedEvents = <E extends z.ZodRawShape>(envelope: E) =>
  [
    z
      .object({
        ...envelope,
        kind: z.literal('record.signed'),
        record: z
          .enum(signedKinds)
          .describe(
            '`acceptance`: the certificate of an installation. `drill`: the report of a drill. `patrol`: a ' +
              'test that the terminal made of itself',
          ),
        file: z
          .string()
          .nullable()
          .describe('Its name at the terminal; null: the disk did not take it'),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .describe('Of what the evidence key has signed, hex; the file says the same of itself'),
        result: z.enum(signedResults),
        summary: z.string().max(signedLimits.summaryChars).describe('One sentence for a person'),
        role: z.string().describe('`local`: at the terminal itself'),
        user: z.string().describe('Who had it made'),
        chain: part.chainHead,
      })
      .meta({
        title: 'Record signed',
        description:
          'The terminal has signed a record with its evidence key; this one proves when, and that it is it.',
      }),
  ] as const;
