// Sessions of talk and live picture: what a client asks, and what it is told on the response topic of its
// offer. One offer is one peer connection; candidates come and go as they are found (trickle ICE).

import * as z from 'zod';
import { sessionKinds, streamNames, talkModes } from '../core/command.ts';
import { sessionEndReasons } from '../core/session.ts';
import { floorArgs, floorResult, floorTold } from './floor.ts';
import * as part from './parts.ts';

const session = part.topicWord.describe('Made by the client, a new one for every offer');
const sdp = z.string().min(1).max(part.limits.sdpBytesMax);
const candidates = z
  .array(
    z
      .strictObject({
        candidate: z.string().max(1024).describe('As RTCIceCandidate has it'),
        mid: z.string().max(64).describe('`sdpMid`'),
      })
      .nullable(),
  )
  .min(1)
  .max(20)
  .describe('In the order in which they were found; null: there are no more');

/** Payloads of the session's verbs, with what every command has. */
export const sessionPayloads = <E extends z.ZodRawShape>(envelope: E) => ({
  'session.offer': z
    .strictObject({
      ...envelope,
      session,
      kind: z.enum(sessionKinds).describe('`talk`: with the gate room. `live`: the gate’s picture'),
      sdp: sdp.describe('The offer'),
      turn: z
        .strictObject({ username: z.string().max(256), credential: z.string().max(256) })
        .nullable()
        .default(null)
        .describe(
          'Short-lived, for the TURN servers of the terminal’s configuration; never stored',
        ),
      incident: part.idWord
        .nullable()
        .default(null)
        .describe('The case; null: the oldest open one'),
      mode: z.enum(talkModes).default('talk').describe('`listen`: to hear and not be heard'),
      stream: z.enum(streamNames).default('auto').describe('`auto`: by the bandwidth'),
      replaces: session.nullable().default(null).describe('Session that this one takes over from'),
    })
    .meta({
      title: 'Session offer',
      description:
        'Talk with the gate room, or see the gate. Everything on it comes to the response topic; the ' +
        'same offer again gets its answer again.',
    }),
  'session.candidate': z
    .strictObject({ ...envelope, session, candidates })
    .meta({ title: 'Candidates', description: 'More ways to the client.' }),
  'session.floor': z.strictObject({ ...envelope, session, ...floorArgs }).meta({
    title: 'Floor',
    description:
      'To be heard in the gate room: one at a time, higher roles before lower ones. The others hear the ' +
      'room and who is heard there. Whoever loses or gets it hears a short tone; the room does not.',
  }),
  'session.stream': z.strictObject({ ...envelope, session, stream: z.enum(streamNames) }).meta({
    title: 'Another stream',
    description:
      'What a viewer has in small is enough as `sub`; taken in hand it becomes `auto` on the same ' +
      'connection. Until the stream that is wanted has a picture, the one before goes on.',
  }),
  'session.bye': z
    .strictObject({ ...envelope, session })
    .meta({ title: 'Bye', description: 'Ends a session of the sender’s own.' }),
});

/** `result` of an obeyed session verb. */
export const sessionResults = {
  'session.offer': z.object({
    session,
    incident: z.string().nullable().describe('The case it belongs to'),
    announced: z.boolean().describe('Tone and words go before it: nobody in the room asked for it'),
  }),
  'session.candidate': z.object({}),
  'session.floor': z.object({ session, ...floorResult }),
  'session.stream': z.object({ session, stream: z.enum(streamNames) }),
  'session.bye': z.object({ already: z.boolean().describe('It had ended before') }),
} as const;

const notice = <K extends string, S extends z.ZodRawShape>(
  kind: K,
  title: string,
  description: string,
  shape: S,
) =>
  z
    .object({ v: part.version, kind: z.literal(kind), session, ...shape })
    .meta({ title, description });

/** What a session's client is told without asking. */
export const sessionNotice = z.discriminatedUnion('kind', [
  notice('session.answer', 'Session answer', 'The terminal’s side of the connection.', { sdp }),
  notice('session.candidate', 'Terminal’s candidates', 'More ways to the terminal.', {
    candidates,
  }),
  notice('session.connected', 'Connected', 'Media can flow both ways.', {}),
  notice('session.heard', 'Heard', 'A voice was heard for the first time.', {
    from: z.enum(['room', 'caller']),
  }),
  notice('session.floor', 'Floor', 'Whose voice is played in the gate room, and who asks.', {
    yours: z.boolean(),
    role: z.string().nullable(),
    user: z.string().nullable(),
    ...floorTold,
  }),
  notice('session.lost', 'Session lost', 'The terminal or the path was at fault: offer anew.', {
    detail: z.string(),
  }),
  notice('session.ended', 'Session ended', 'Over for good, and why.', {
    reason: z.enum(sessionEndReasons),
    detail: z.string(),
  }),
]);
export type SessionNoticeMessage = z.infer<typeof sessionNotice>;
