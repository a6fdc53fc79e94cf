// A case as one file: asked for, and told of when it is there.

import * as z from 'zod';
import { exportLimits } from '../core/export.ts';
import * as part from './parts.ts';

const id = z.string().describe('`evidence.exported` names it');
const file = z.string().describe('Its name, for `evidence.get` and `evidence.put`');

/** Payload of the verb, with what every command has. */
export const exportPayloads = <E extends z.ZodRawShape>(envelope: E) => ({
  'evidence.export': z
    .strictObject({
      ...envelope,
      incident: part.idWord.describe('Id of the case'),
      reason: z
        .string()
        .min(1)
        .max(exportLimits.reasonChars)
        .refine((text) => text.trim() !== '' && text.isWellFormed(), 'well-formed, not blank')
        .describe('Why it is taken away; a record of the chain, with role and user'),
    })
    .meta({
      title: 'Export a case',
      description:
        'Makes one ZIP of a case: report, timeline from the hash chain, clips, snapshots, talks, and a ' +
        'manifest signed by the evidence key; `gate-agent verify` checks it without a network. The answer ' +
        'names the file, `evidence.exported` tells when it is there. It stays a day, and gives way to clips.',
    }),
});

/** `result` of the obeyed verb. */
export const exportResults = {
  'evidence.export': z.object({ export: id, file }),
} as const;

/** With what every event has. */
export const exportEvents = <E extends z.ZodRawShape>(envelope: E) =>
  [
    z
      .object({
        ...envelope,
        kind: z.literal('evidence.exported'),
        export: z.string().describe('As the answer to `evidence.export` named it'),
        incident: z.string().describe('The case'),
        file,
        ok: z.boolean(),
        bytes: z.number().int().nonnegative(),
        sha256: z
          .string()
          .regex(/^([0-9a-f]{64})?$/)
          .describe('Of the whole file, hex; empty where there is none'),
        detail: z.string().nullable().describe('Why there is none'),
        chain: part.chainHead,
      })
      .meta({
        title: 'Case exported',
        description: 'The bundle of a case is at the terminal, or could not be made.',
      }),
  ] as const;
