// The score of a drill, told once when all of it is over.

import * as z from 'zod';
import { drillSteps } from '../core/drill.ts';
import { madeRealBy, windowEnds } from '../core/mark.ts';
import { kinds } from '../core/state.ts';
import * as part from './parts.ts';

const hop = z.object({
  step: z
    .enum(drillSteps)
    .describe('`talked`: somebody was connected who is heard in the gate room'),
  ms: z
    .number()
    .nullable()
    .describe('After the press, milliseconds; null: it never came to that, or nobody knows when'),
  targetMs: z.number().int().positive().nullable().describe('The city’s target; null: not judged'),
  isWithin: z.boolean().nullable().describe('Null: not judged'),
  role: z.string().nullable().describe('Of who did it'),
  user: z.string().nullable(),
});

const drillCase = z.object({
  incident: z.string().describe('The case'),
  input: z.string().describe('Id of the input in the terminal’s configuration'),
  inputName: z.string().describe('What people call the input'),
  alarm: z.enum(kinds),
  presses: z.number().int().positive(),
  raisedWallMs: part.wallMs('When it was pressed'),
  undelivered: z.boolean().describe('10 s had passed without a receipt'),
  madeReal: z.enum(madeRealBy).nullable().describe('It became real, and is not scored'),
  hops: z.array(hop),
});

/** With what every event has. */
export const drillEvents = <E extends z.ZodRawShape>(envelope: E) =>
  [
    z
      .object({
        ...envelope,
        kind: z.literal('drill.report'),
        mark: z.literal('drill'),
        drill: z.string().describe('Unique for ever'),
        sinceWallMs: part.wallMs('When its window was opened'),
        closedWallMs: part.wallMs('When its window was closed'),
        end: z.enum(windowEnds).describe('Why it was closed'),
        siren: z.boolean(),
        role: z.string().describe('Role that opened it'),
        user: z.string().describe('Who opened it'),
        cases: z.array(drillCase).readonly().describe('In the order of their presses'),
        judged: z.number().int().nonnegative().describe('Steps that have a target'),
        within: z.number().int().nonnegative().describe('Those of them that met it'),
        passed: z.boolean().nullable().describe('All did; null: there was nothing to judge'),
        chain: part.chainHead,
      })
      .meta({
        title: 'Drill scored',
        description:
          'A drill is over: its window is closed and none of its cases is open as a drill. Each step after ' +
          'the press beside its target.',
      }),
  ] as const;
