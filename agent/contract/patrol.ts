// The daily patrol: what the terminal found of itself.

import * as z from 'zod';
import { patrolLimits } from '../core/patrol.ts';
import { signedResults } from '../core/signed.ts';
import * as part from './parts.ts';

/** With what every event has. */
export const patrolEvents = <E extends z.ZodRawShape>(envelope: E) =>
  [
    z
      .object({
        ...envelope,
        kind: z.literal('patrol.ended'),
        result: z.enum(signedResults).describe('`failed`: one part at least is not well'),
        parts: z
          .array(
            z.object({
              part: z.string().describe('Which; new ones may come'),
              ok: z.boolean(),
              detail: z
                .string()
                .max(patrolLimits.detailChars)
                .describe('One sentence for a person'),
              told: z
                .string()
                .optional()
                .describe(
                  'The fault that tells it already. Absent where it is not ok: `patrol.{part}`',
                ),
            }),
          )
          .max(patrolLimits.partsMax),
        chain: part.chainHead,
      })
      .meta({
        title: 'Patrol',
        description:
          'Once a day the terminal looks after each of its parts without disturbing anybody. None by the ' +
          'evening: ask what is wrong with it.',
      }),
  ] as const;
