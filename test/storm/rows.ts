// What the storm reads of rows and messages, checked: only what its laws look at.

import * as z from 'zod';
import { refusalReasons } from '#agent/core/command.ts';
import { marks } from '#agent/core/mark.ts';
import { kinds } from '#agent/core/state.ts';

export const incidentRow = z.object({
  input: z.string(),
  kind: z.enum(kinds),
  presses: z.number(),
  resolved: z.unknown().nullable(),
  mark: z.exactOptional(z.enum(marks)),
  made: z.exactOptional(z.object({ message: z.string() })),
});

export const siteRow = z.object({ strobe: z.string(), siren: z.string() });

export const answer = z.object({
  id: z.string().nullable(),
  verb: z.string(),
  ok: z.boolean(),
  reason: z.exactOptional(z.enum(refusalReasons)),
  detail: z.exactOptional(z.string()),
  result: z.exactOptional(z.record(z.string(), z.unknown())),
});

export const obeyedRow = z.object({ answer: answer.nullable() });
