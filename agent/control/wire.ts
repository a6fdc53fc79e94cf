// The lines of control.sock: one JSON object a line each way, answers in the order of the requests.

import * as z from 'zod';

export const controlLimits = {
  lineBytesMax: 64 * 1024,
  clientsMax: 16,
  /** Answers a client has not read; beyond it is dropped. */
  unreadBytesMax: 256 * 1024,
  /** A client that says nothing, or reads nothing, for so long is dropped. */
  idleMs: 60_000,
  /** Largest answer the client end takes. */
  answerBytesMax: 1024 * 1024,
} as const;

export const request = z.strictObject({
  id: z.string().min(1).max(64),
  verb: z.string().min(1).max(64),
  args: z.record(z.string(), z.unknown()).default({}),
});

/**
 * - `malformed`: not a request; `too-long`: over 64 kB, the connection ends; `busy`: 16 clients are
 *   there already, the connection ends.
 * - `unknown-verb`, `refused` (with `fields`): the request itself is wrong.
 * - `failed`: it could not be done.
 */
export const controlReasons = [
  'malformed',
  'too-long',
  'busy',
  'unknown-verb',
  'refused',
  'failed',
] as const;
export type ControlReason = (typeof controlReasons)[number];

const failure = z.object({
  reason: z.enum(controlReasons),
  detail: z.string(),
  fields: z
    .array(
      z.object({
        field: z.string(),
        value: z.unknown(),
        hint: z.string(),
        line: z.number().optional(),
      }),
    )
    .optional(),
});

export const answer = z.discriminatedUnion('ok', [
  z.object({ id: z.string().nullable(), ok: z.literal(true), result: z.unknown() }),
  z.object({ id: z.string().nullable(), ok: z.literal(false), error: failure }),
]);
export type ControlAnswer = z.infer<typeof answer>;
