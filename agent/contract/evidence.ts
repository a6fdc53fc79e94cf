// Clips, snapshots and talks: what the terminal tells of the files that it keeps.

import * as z from 'zod';
import { causes, evidenceKinds } from '../core/evidence.ts';
import { fetchLimits } from '../core/fetch.ts';
import * as part from './parts.ts';

const count = z.number().int().nonnegative();
const what = z
  .enum(evidenceKinds)
  .describe(
    '`clip`: fragmented MP4, H.264 as the dome coded it and, where it has a microphone, its sound as Opus. ' +
      '`snapshot`: JPEG. `talk`: fragmented MP4 of two tracks of Opus, first who was heard in the gate ' +
      'room, then the gate room itself',
  );
const afterMs = count
  .nullable()
  .describe('Of a snapshot: when it was due, milliseconds after the press. Null: of another kind');
const cause = z
  .enum(causes)
  .nullable()
  .describe(
    'Why a snapshot was taken. `press`: at a fixed time after it. `tracked`: the dome began to follow ' +
      'somebody. `noticed`: `dome.noticed` or `fault.raised` names it. Null: of another kind',
  );
const video = z
  .object({
    stream: z
      .enum(['main', 'sub'])
      .describe('`sub`: the dome codes its main stream in a way that browsers do not show'),
    codec: z.literal('h264'),
    width: count,
    height: count,
  })
  .nullable()
  .describe('Of a clip: what was recorded, as the dome coded it');

const file = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,159}$/)
  .describe('As `evidence.stored` named it');

/** Payloads of the verbs, with what every command has. */
export const evidencePayloads = <E extends z.ZodRawShape>(envelope: E) => ({
  'evidence.get': z
    .strictObject({
      ...envelope,
      file,
      from: count.describe('Offset of the first byte'),
      bytes: z.number().int().min(1).max(fetchLimits.bytesMax).default(fetchLimits.bytesMax),
    })
    .meta({
      title: 'Get a piece',
      description:
        'A piece of a file comes in the answer, when nothing else is to be sent. One at a ' +
        'time: the next after the answer, the same again where none came.',
    }),
  'evidence.put': z
    .strictObject({
      ...envelope,
      file,
      url: z
        .string()
        .max(2048)
        .regex(/^https:\/\/[^\s@]+$/, 'https, without a user')
        .describe('May carry a secret; never stored'),
    })
    .meta({
      title: 'Put a file',
      description:
        'Sends a file there by PUT, resumable: pieces with Content-Range, each answered 308 with the ' +
        'Range that is there so far, the last 200 or 201; a PUT with Content-Range "bytes */{total}" and ' +
        'no body asks how far it has got. Repr-Digest has the SHA-256. A 307, or a 308 with a Location, is ' +
        'followed, three at most; no address, name or redirect may lead into the terminal’s own ' +
        'network, unless its configuration allows it. Waits while an alarm has not arrived. Its end is ' +
        'told as `evidence.sent`. The terminal forgets it when it restarts, for the address is a secret: ' +
        'ask again at the birth after a will, and it goes on from where the server is; asked for twice, ' +
        'the later address counts.',
    }),
  'evidence.hold': z
    .strictObject({
      ...envelope,
      incident: part.idWord.describe('Id of the case'),
      on: z.boolean(),
    })
    .meta({
      title: 'Hold a case',
      description:
        'Its clips, snapshots and talks are not deleted, however old, until it is let go.',
    }),
});

/** `result` of an obeyed verb. */
export const evidenceResults = {
  'evidence.get': z.object({
    file: z.string(),
    from: count,
    total: count.describe('Bytes of the whole file'),
    data: z.string().describe('The piece, base64; empty beyond the end'),
  }),
  'evidence.put': z.object({ upload: z.string().describe('`evidence.sent` names it') }),
  'evidence.hold': z.object({ held: z.boolean() }),
} as const;

/** With what every event has. */
export const evidenceEvents = <E extends z.ZodRawShape>(envelope: E) =>
  [
    z
      .object({
        ...envelope,
        kind: z.literal('evidence.stored'),
        incidents: z
          .array(z.string())
          .describe(
            'Cases that it belongs to; the file is named after the first. None: something that the dome ' +
              'has noticed',
          ),
        file: z.string().describe('Its name at the terminal'),
        what,
        cause,
        afterMs,
        video,
        bytes: count,
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .describe('Of the whole file, hex'),
        wallMs: part.wallMs('When it begins: its first picture, or the call'),
        lengthMs: count.describe('From there to its end, milliseconds'),
        missingMs: count.describe('Of this no pictures, or no talk, could be had, milliseconds'),
        fragments: count.describe('Parts that are records of the chain, each with its own SHA-256'),
        mended: z
          .boolean()
          .describe('The terminal was interrupted: its torn end was cut off when it came back'),
        chain: part.chainHead,
      })
      .meta({
        title: 'Evidence stored',
        description:
          'A clip, snapshot or talk is whole and stays at the terminal. A clip comes in several files, ' +
          'the first a minute long, with the 30 s before the press; a talk in one a call. Sound that is ' +
          'missing in a clip is silence.',
      }),
    z
      .object({
        ...envelope,
        kind: z.literal('evidence.missing'),
        incident: z
          .string()
          .describe('The case; of cause `noticed` the id of the message that names the snapshot'),
        what,
        cause,
        afterMs,
        detail: z.string().describe('One sentence for a person: what is not there, and why'),
      })
      .meta({
        title: 'Evidence missing',
        description: 'What should have been kept of a case and could not be had.',
      }),
    z
      .object({
        ...envelope,
        kind: z.literal('evidence.sent'),
        file: z.string(),
        upload: z.string().describe('As the answer to `evidence.put` named it'),
        ok: z.boolean(),
        detail: z.string().nullable().describe('Why not'),
      })
      .meta({
        title: 'Evidence sent',
        description: 'A file is where `evidence.put` wanted it, or will not get there.',
      }),
  ] as const;
