// The stick of the dome: who has it, how it is moved, what else its holder may have done, and what the
// holder is told without asking. Moves carry the lease and a rising number in place of id and lifetime.

import * as z from 'zod';
import { focusWords } from '../core/command.ts';
import { stickLosses, stickTimes } from '../core/stick.ts';
import * as part from './parts.ts';

const lease = part.idWord.describe('As the answer to `stick.take` named it');
const speed = (what: string) => z.number().min(-1).max(1).default(0).describe(what);
const place = (least: -1 | 0, what: string) =>
  z.number().min(least).max(1).nullable().default(null).describe(what);
const isOn = z.boolean();

const relative = {
  pan: speed('Positive: to the right'),
  tilt: speed('Positive: up'),
  zoom: speed('Positive: closer'),
};

const act = z
  .discriminatedUnion('op', [
    z.strictObject({ op: z.literal('relative'), ...relative }),
    z.strictObject({
      op: z.literal('absolute'),
      pan: place(-1, 'Null: as it is'),
      tilt: place(-1, 'Null: as it is'),
      zoom: place(0, 'Null: as it is; 0: widest'),
    }),
    z.strictObject({ op: z.literal('zoom'), to: z.number().min(0).max(1).describe('0: widest') }),
    z.strictObject({
      op: z.literal('preset'),
      preset: z.string().min(1).max(256).describe('Token or name'),
    }),
    z.strictObject({ op: z.literal('home') }),
    z.strictObject({ op: z.literal('presets').describe('Answers with the list') }),
    z.strictObject({ op: z.literal('wiper'), on: isOn }),
    z.strictObject({ op: z.literal('light'), on: isOn }),
    z.strictObject({
      op: z.literal('focus'),
      to: z.enum(focusWords).describe('`near` and `far`: a step'),
    }),
  ])
  .describe('Coordinates are those of ONVIF’s generic spaces');

const n = z
  .number()
  .int()
  .positive()
  .describe('Rises with each of a lease; an older one is ignored');

/** Payloads of the verbs that are commands, with what every command has. */
export const stickPayloads = <E extends z.ZodRawShape>(envelope: E) => ({
  'stick.take': z
    .strictObject({
      ...envelope,
      lease: lease
        .nullable()
        .default(null)
        .describe('One’s own lease, to keep it; null: a new one'),
    })
    .meta({
      title: 'Take the stick',
      description:
        'To turn the dome: one at a time. A higher role takes it at once, an equal one after 30 s in ' +
        'which nothing was done with it. What becomes of it comes to the response topic.',
    }),
  'stick.release': z
    .strictObject({ ...envelope, lease })
    .meta({ title: 'Release the stick', description: 'Gives the sender’s own lease back.' }),
  'stick.do': z.strictObject({ ...envelope, lease, act }).meta({
    title: 'Have done',
    description: 'What is no move of the stick. One at a time: the next after the answer.',
  }),
});

const forMs = z
  .number()
  .int()
  .min(stickTimes.leastMoveMs)
  .max(stickTimes.moveMs)
  .default(stickTimes.moveMs)
  .describe('It ends so long after it came, unless the next has come: three times your rhythm');

/** Payloads of the moves. */
export const movePayloads = {
  'stick.move': z.strictObject({ v: part.version, lease, n, forMs, ...relative }).meta({
    title: 'Move the stick',
    description:
      'Velocities, of full speed. Ends forMs later unless the next comes; once that has come too late, ' +
      '500 ms later until the lease ends. Some 10 a second are right, beyond 30 a second they are ' +
      'dropped. QoS 0, and not answered.',
  }),
  'stick.stop': z
    .strictObject({
      v: part.version,
      lease: lease.nullable().default(null).describe('Null: whichever the sender has'),
      n: n.nullable().default(null).describe('Rises with each of a lease; null: whenever it comes'),
    })
    .meta({
      title: 'Let the stick go',
      description:
        'Ends a move at once. QoS 0, and not answered. With null and null it is the will of a connection ' +
        'that is opened along with the lease and says the moves: should it break, the dome stands at once.',
    }),
} as const;

const holder = z.object({ role: z.string(), user: z.string() });

/** `result` of an obeyed command of the stick. */
export const stickResults = {
  'stick.take': z.object({
    lease,
    idleMs: z
      .number()
      .int()
      .describe('It ends so long after the last operation, or after it was taken again'),
    untilWallMs: part.wallMs('When it ends if nothing is done'),
    before: holder.nullable().describe('From whom it was taken'),
  }),
  'stick.release': z.object({ already: z.boolean().describe('It had ended before') }),
  'stick.do': z
    .record(z.string(), z.unknown())
    .describe('`presets` of the list: token and name of each'),
} as const;

export const stickHolder = holder
  .extend({ sinceWallMs: part.wallMs('Since when') })
  .nullable()
  .describe('Who has the stick of the dome; null: nobody');

/** What the holder of the stick is told without asking. */
export const stickNotice = z.discriminatedUnion('kind', [
  z
    .object({
      v: part.version,
      kind: z.literal('stick.lost'),
      lease,
      reason: z
        .enum(stickLosses)
        .describe(
          '`taken`: by whom is told. `alarm`: the dome turned to an alarm. `incident-open`: this role ' +
            'has it only while no case is open. `stopping`: the terminal ends',
        ),
      role: z.string().nullable(),
      user: z.string().nullable(),
    })
    .meta({ title: 'Stick lost', description: 'Somebody or something else turns the dome now.' }),
  z
    .object({ v: part.version, kind: z.literal('stick.expired'), lease })
    .meta({ title: 'Stick expired', description: 'Nothing was done with it for a while.' }),
]);
export type StickNoticeMessage = z.infer<typeof stickNotice>;
