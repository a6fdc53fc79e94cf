// What the terminal is told, and what it answers: receipts, commands by verb, results by verb. Keys
// that are not known are refused in what it is told.

import * as z from 'zod';
import { type CommandVerb, refusalReasons, testParts, type Verb } from '../core/command.ts';
import { marks } from '../core/mark.ts';
import { kinds } from '../core/state.ts';
import { ladder } from '../core/target.ts';
import { certificatePayloads, certificateResults } from './certificate.ts';
import { evidencePayloads, evidenceResults } from './evidence.ts';
import { exportPayloads, exportResults } from './export.ts';
import * as part from './parts.ts';
import { pastPayloads, pastResults } from './past.ts';
import { sessionPayloads, sessionResults } from './sessions.ts';
import { movePayloads, stickHolder, stickPayloads, stickResults } from './stick.ts';
import { updatePayloads, updateResults } from './update.ts';
import { mark, openWindow, windowPayloads, windowResults } from './windows.ts';

/** Sent by the platform after its own commit; one may name many messages. */
export const receiptMessage = z
  .strictObject({
    v: part.version,
    ids: z
      .array(part.idWord)
      .min(1)
      .max(part.limits.receiptIdsMax)
      .describe('Ids of messages that are stored at the platform; one seen again is named again'),
  })
  .meta({
    title: 'Receipt',
    description: 'The platform has these messages on its disk. Without it they come again.',
  });
export type ReceiptMessage = z.infer<typeof receiptMessage>;

const commandEnvelope = {
  v: part.version,
  // The key of a row: a lone surrogate would come back from the disk as another character.
  id: part.idWord
    .refine((id) => id.isWellFormed(), 'well-formed Unicode')
    .describe('Made by the sender, never used twice. Sent again: the first answer again'),
  bootId: z.string().min(1).max(64).describe('`bootId` of the newest birth message'),
  issuedMs: part.wallMs('When it was sent'),
  lifetimeMs: z
    .number()
    .int()
    .min(1)
    .max(part.limits.commandLifetimeMsMax)
    .describe('Obeyed until `issuedMs` + this, milliseconds'),
};
const incident = part.idWord.describe('Id of the case');
const bare = z.strictObject(commandEnvelope);

/** Payload of each command. */
export const commandPayloads = {
  status: bare.meta({ title: 'Status', description: 'What is open, what is wrong, what is on.' }),
  seen: z.strictObject({ ...commandEnvelope, incident }).meta({
    title: 'Seen',
    description: 'The alarm is on a dispatcher’s screen.',
  }),
  take: z.strictObject({ ...commandEnvelope, incident }).meta({
    title: 'Take',
    description: 'A person has answered. The first has it; the answer tells who that is.',
  }),
  resolve: z
    .strictObject({
      ...commandEnvelope,
      incident,
      reason: z.string().min(1).max(64),
      note: z.string().max(2000).nullable().default(null),
      as: z
        .enum(['real', ...marks])
        .optional()
        .describe(
          'What the sender takes it for: where it has been made real meanwhile, `made-real`',
        ),
    })
    .meta({
      title: 'Resolve',
      description:
        'Ends the case. Without an answer send it again, with a new id and against the newest birth.',
    }),
  'strobe-on': bare.meta({
    title: 'Strobe on',
    description: 'Only while a case is open that is not silent.',
  }),
  'strobe-off': bare.meta({ title: 'Strobe off', description: 'Holds until the next press.' }),
  'siren-on': bare.meta({
    title: 'Siren on',
    description: 'Only while a case is open that is not silent.',
  }),
  'siren-off': bare.meta({ title: 'Siren off', description: 'Holds until the next press.' }),
  test: z.strictObject({ ...commandEnvelope, part: z.enum(testParts) }).meta({
    title: 'Test',
    description: 'Exercises one part for some seconds; refused while a case is open.',
  }),
  ...evidencePayloads(commandEnvelope),
  ...exportPayloads(commandEnvelope),
  ...pastPayloads(commandEnvelope),
  ...updatePayloads(commandEnvelope),
  ...certificatePayloads(commandEnvelope),
  ...sessionPayloads(commandEnvelope),
  ...windowPayloads(commandEnvelope),
  ...stickPayloads(commandEnvelope),
} as const satisfies { [V in CommandVerb]: z.ZodType };

/** Payload of each verb, moves included. */
export const payloads = {
  ...commandPayloads,
  ...movePayloads,
} as const satisfies { [V in Verb]: z.ZodType };

export const answerMessage = z.object({
  v: z.literal(1),
  /** Id of the command; null where it could not be read. */
  id: z.string().nullable(),
  verb: z.string(),
  ok: z.boolean(),
  reason: z.enum(refusalReasons).optional(),
  detail: z.string().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
});
export type AnswerMessage = z.infer<typeof answerMessage>;

/** An answer that says no. */
export const refusedMessage = answerMessage
  .pick({ v: true, id: true, verb: true, detail: true })
  .extend({ ok: z.literal(false), reason: z.enum(refusalReasons) })
  .meta({ title: 'Refused', description: 'Nothing was changed, and why.' });

const lightWord = z.enum(['auto', 'on', 'off']);
const auto = lightWord.describe('`auto`: by the kinds of the open cases');
const claimed = z.object({
  step: z.enum(ladder),
  role: z.string().describe('Role of who was first'),
  user: z.string().describe('Who was first'),
});

/** `result` of an obeyed command, by verb. */
export const commandResults = {
  status: z.object({
    version: z.string(),
    incidents: z.array(
      z.object({
        id: z.string(),
        input: z.string(),
        kind: z.enum(kinds),
        step: z
          .enum(['unstored', 'undelivered', ...ladder])
          .describe('`undelivered`: 10 s without a receipt'),
        presses: z.number().int().positive(),
        mark,
        raisedWallMs: part.wallMs('When it was raised'),
      }),
    ),
    faults: z.array(z.object({ fault: z.string(), detail: z.string() })),
    strobe: auto,
    siren: auto,
    window: openWindow,
    stick: stickHolder.unwrap().omit({ sinceWallMs: true }).nullable(),
  }),
  seen: claimed,
  take: claimed,
  resolve: z.object({
    step: z.literal('resolved'),
    already: z.boolean().describe('It had been resolved before'),
  }),
  'strobe-on': z.object({ strobe: lightWord }),
  'strobe-off': z.object({ strobe: lightWord }),
  'siren-on': z.object({ siren: lightWord }),
  'siren-off': z.object({ siren: lightWord }),
  test: z
    .record(z.string(), z.unknown())
    .describe('What was done: `recipe` and `verified` of the dome, `indicators` of the lamp'),
  ...evidenceResults,
  ...exportResults,
  ...pastResults,
  ...updateResults,
  ...certificateResults,
  ...sessionResults,
  ...windowResults,
  ...stickResults,
} as const satisfies { [V in CommandVerb]: z.ZodType };

/** What an obeyed command gets back. */
export const obeyedMessage = <V extends CommandVerb>(verb: V) =>
  answerMessage.pick({ v: true }).extend({
    id: z.string().describe('Id of the command'),
    verb: z.literal(verb),
    ok: z.literal(true),
    result: commandResults[verb],
  });
