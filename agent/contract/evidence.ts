// Clips and snapshots: what the terminal tells of the files that it keeps.

import * as z from 'zod';
import { evidenceKinds } from '../core/evidence.ts';
import * as part from './parts.ts';

const count = z.number().int().nonnegative();
const what = z
  .enum(evidenceKinds)
  .describe('`clip`: fragmented MP4, H.264 as the dome coded it. `snapshot`: JPEG');
const afterMs = count
  .nullable()
  .describe('Of a snapshot: when it was due, milliseconds after the press. Null: a clip');

/** With what every event has. */
export const evidenceEvents = <E extends z.ZodRawShape>(envelope: E) =>
  [
    z
      .object({
        ...envelope,
        kind: z.literal('evidence.stored'),
        incidents: z
          .array(z.string())
          .describe('Cases that it belongs to; the file is named after the first'),
        file: z.string().describe('Its name at the terminal'),
        what,
        afterMs,
        bytes: count,
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .describe('Of the whole file, hex'),
        wallMs: part.wallMs('When its first picture was taken'),
        lengthMs: count.describe('From its first picture to its end, milliseconds'),
        missingMs: count.describe('Of this no pictures could be had, milliseconds'),
        fragments: count.describe('Parts that are records of the chain, each with its own SHA-256'),
        mended: z
          .boolean()
          .describe('The terminal was interrupted: its torn end was cut off when it came back'),
        chain: part.chainHead,
      })
      .meta({
        title: 'Evidence stored',
        description:
          'A clip or snapshot is whole and stays at the terminal. A clip comes in several files, ' +
          'the first a minute long, with the 30 s before the press.',
      }),
    z
      .object({
        ...envelope,
        kind: z.literal('evidence.missing'),
        incident: z.string().describe('The case'),
        what,
        afterMs,
        detail: z.string().describe('One sentence for a person: what is not there, and why'),
      })
      .meta({
        title: 'Evidence missing',
        description: 'What should have been kept of a case and could not be had.',
      }),
  ] as const;
