// Cases that have ended: asked for in pages by a desk that was not there when they did.

import * as z from 'zod';
import { madeRealBy, marks } from '../core/mark.ts';
import { pastLimits } from '../core/past.ts';
import { kinds } from '../core/state.ts';
import { course } from './course.ts';
import * as part from './parts.ts';
import { mark } from './windows.ts';

const cursor = { raisedWallMs: part.wallMs('When it was raised'), id: part.idWord };

/** Payload of the verb, with what every command has. */
export const pastPayloads = <E extends z.ZodRawShape>(envelope: E) => ({
  'incident.list': z
    .strictObject({
      ...envelope,
      before: z
        .strictObject(cursor)
        .nullable()
        .default(null)
        .describe('`next` of the page before; null: the newest'),
      most: z.number().int().min(1).max(pastLimits.most).default(pastLimits.most),
    })
    .meta({
      title: 'Past cases',
      description:
        'Cases that have ended, the newest first, in pages of 64 kB at most: the last 50 and those that ' +
        'are held. Older ones are in the hash chain alone. Open ones are in the birth message.',
    }),
});

const who = { role: z.string(), user: z.string(), wallMs: part.wallMs('When') };

const pastCase = z.object({
  id: z.string(),
  input: z.string().describe('Id of the input in the terminal’s configuration'),
  kind: z.enum(kinds),
  mark,
  presses: z.number().int().positive(),
  raisedWallMs: part.wallMs('When it was raised'),
  clock: part.clock,
  course,
  seen: z.object(who).nullable().describe('On whose screen it was first'),
  taken: z.object(who).nullable().describe('Who answered it first'),
  held: z.boolean().describe('Its evidence is kept for as long as it takes'),
  made: z
    .object({ wallMs: part.wallMs('When'), was: z.enum(marks), reason: z.enum(madeRealBy) })
    .nullable()
    .describe('It began as a drill or in service, and became real; null: it did not'),
  resolved: z.object({ ...who, reason: z.string(), note: z.string().nullable() }),
});
export type PastCase = z.infer<typeof pastCase>;

/** `result` of the obeyed verb. */
export const pastResults = {
  'incident.list': z.object({
    cases: z.array(pastCase),
    next: z.object(cursor).nullable().describe('Ask on with it; null: there are no more'),
  }),
} as const;
