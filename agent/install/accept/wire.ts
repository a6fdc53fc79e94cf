// What an acceptance and the daemon say to each other over control.sock, checked both ways.

import * as z from 'zod';
import { partNames } from '../../patrol/names.ts';
import { breakSMax } from './levers.ts';

const id = z.string().min(1).max(128);
const seconds = z.number().int().min(1).max(breakSMax);

/** What the daemon is asked to do; only in a service window of this acceptance. */
export const doing = z.discriminatedUnion('what', [
  /** As if the button had been pressed: past its wire, in at the terminal's door. */
  z.strictObject({ what: z.literal('press'), input: id }),
  /** Ends what was pressed in service. */
  z.strictObject({ what: z.literal('resolve'), incident: id }),
  /** One of the patrol's looks. */
  z.strictObject({ what: z.literal('part'), part: z.enum(partNames) }),
  z.strictObject({ what: z.literal('test'), part: z.enum(['strobe', 'siren', 'lamp']) }),
  z.strictObject({ what: z.literal('pictures'), count: z.number().int().min(1).max(12) }),
  /** Whether the dome's main stream gives pictures. */
  z.strictObject({ what: z.literal('live') }),
  /** Whether the microphone hears the loudspeaker. */
  z.strictObject({ what: z.literal('loop') }),
  /** Whether a move to where it may not look is refused. */
  z.strictObject({ what: z.literal('range') }),
  z.strictObject({ what: z.literal('cut'), seconds }),
  z.strictObject({ what: z.literal('pull'), seconds }),
  z.strictObject({ what: z.literal('restart') }),
]);
export type Doing = z.infer<typeof doing>;

export const userShape = z
  .string()
  .min(1)
  .max(64)
  .refine((name) => name.trim() === name && !/\p{Cc}/u.test(name));

/** What came of it. */
export const done = z.object({
  ok: z.boolean(),
  /** One sentence. */
  detail: z.string(),
  /** What was measured. */
  ms: z.number().optional(),
  /** Small pictures, base64. */
  pictures: z.array(z.string()).optional(),
  /** It is not there to be tested. */
  absent: z.boolean().optional(),
});
export type Done = z.infer<typeof done>;

export const standing = z.object({ state: z.enum(['running', 'done']), done: done.nullable() });

export const began = z.object({
  terminal: z.string(),
  version: z.string(),
  untilWallMs: z.number(),
  identity: z.object({
    ...{ school: z.string(), gate: z.string(), address: z.string(), jurisdiction: z.string() },
    ...{ divisionCode: z.string(), gateRoomPhone: z.string() },
  }),
  inputs: z.array(z.object({ id: z.string(), name: z.string(), kind: z.string() })),
  dome: z.boolean(),
  sound: z.boolean(),
  media: z.boolean(),
  lamp: z.boolean(),
  receipts: z.enum(['platform', 'none']),
});
export type Began = z.infer<typeof began>;

const ms = z.number().nullable();
export const looked = z.object({
  /** The service window of this acceptance is open. */
  window: z.boolean(),
  uptimeS: z.number(),
  /** Since its start, monotonic: another one means another process. */
  startedMs: z.number(),
  online: z.boolean(),
  faults: z.array(z.string()),
  hops: z.array(
    z.object({
      ...{ incident: z.string(), input: z.string(), mark: z.string().nullable() },
      ...{ presses: z.number(), storedMs: ms, sentMs: ms, receivedMs: ms },
      ...{ undelivered: z.boolean(), resolved: z.boolean() },
    }),
  ),
});
export type Looked = z.infer<typeof looked>;
