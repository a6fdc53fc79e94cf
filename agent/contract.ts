// The contract with the platform: topics and payloads, and nothing else. Everything that crosses
// MQTT is parsed by a schema of this file, on both sides. Unknown keys are refused in what the
// terminal is told and allowed in what it tells; a field never gets a new meaning, only a new name.

import * as z from 'zod';
import { type Role, refusalReasons, roles, testParts, type Verb, verbs } from './core/command.ts';
import type { Message } from './core/message.ts';
import { kinds } from './core/state.ts';

export const limits = {
  /** Largest command or receipt the terminal reads, bytes. */
  inboundBytesMax: 64 * 1024,
  receiptIdsMax: 1000,
  commandLifetimeMsMax: 30_000,
} as const;

const word = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** One level of a topic: no wildcard, no slash. */
export const topicWord = z
  .string()
  .regex(word, 'letters, digits, dot, dash, underscore; 64 at most');

/** Topics of one terminal. */
export function topicsOf(terminal: string) {
  const base = `gate/v1/${terminal}`;
  return {
    /** Retained: birth and will. */
    state: `${base}/state`,
    alarm: `${base}/alarm`,
    event: `${base}/event`,
    telemetry: `${base}/telemetry`,
    /** Never stored: worthless when late. */
    health: `${base}/health`,
    /** Only the platform's own login may write here. */
    receipt: `${base}/receipt`,
    commands: `${base}/cmd/+/+/+`,
    command: (role: string, user: string, verb: string) => `${base}/cmd/${role}/${user}/${verb}`,
    replies: (role: string, user: string) => `${base}/reply/${role}/${user}/`,
  } as const;
}

/** Role, user and verb of a command topic; null where the topic is none of this terminal's. */
export function parseCommandTopic(terminal: string, topic: string) {
  const prefix = `gate/v1/${terminal}/cmd/`;
  if (!topic.startsWith(prefix)) return null;
  const [role, user, verb, ...rest] = topic.slice(prefix.length).split('/');
  if (!role || !user || !verb || rest.length > 0) return null;
  return { role, user, verb };
}

const everyone: readonly Verb[] = ['status'];
const dispatcher = verbs.filter((verb) => verb !== 'test');

/** role x verb. What is not listed is refused with `not-allowed`. */
export const rights: { readonly [R in Role]: readonly Verb[] } = {
  platform: verbs,
  '110-city': dispatcher,
  '110-district': dispatcher,
  'police-video': everyone,
  campus: ['status', 'seen', 'strobe-off', 'siren-off'],
  school: ['status', 'siren-off'],
  installer: ['status', 'test'],
};

const clock = z.enum(['good', 'unknown']);
const unixMs = z.number().int().nonnegative();

/** Head of the hash chain of audit facts, the fact that this message tells included. */
export const chainHead = z.object({
  seq: z.number().int().nonnegative(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  alg: z.literal('ed25519'),
  keyId: z.string(),
  /** Signature over `gate-chain:v1:{terminal}:{seq}:{hash}`, base64. */
  sig: z.string(),
});
export type ChainHead = z.infer<typeof chainHead>;

/** Who and where the terminal is: enough to dispatch on, with every alarm. */
export const identity = z
  .object({
    divisionCode: z.string(),
    jurisdiction: z.string(),
    school: z.string(),
    address: z.string(),
    position: z.object({ lat: z.number(), lon: z.number() }).readonly().nullable(),
    gate: z.string(),
    gateRoomPhone: z.string(),
    contacts: z.array(z.object({ name: z.string(), phone: z.string() }).readonly()).readonly(),
  })
  .readonly();
export type Identity = z.infer<typeof identity>;

const envelope = {
  v: z.literal(1),
  /** The receipt names this; a message seen again has the same id and the same bytes. */
  id: z.string().min(1).max(128),
  terminal: topicWord,
  bootId: z.string(),
  seq: z.number().int().nonnegative(),
  monoMs: z.number(),
  wallMs: unixMs,
  clock,
};
const alarmEnvelope = { ...envelope, identity, chain: chainHead };
const aboutIncidents = { ...alarmEnvelope, incidents: z.array(z.string()) };

export const alarmMessage = z.discriminatedUnion('kind', [
  z.object({
    ...alarmEnvelope,
    kind: z.literal('alarm.raised'),
    incident: z.string(),
    input: z.string(),
    inputName: z.string(),
    alarm: z.enum(kinds),
    edge: z.enum(['live', 'held-at-start', 'counted']),
  }),
  z.object({
    ...alarmEnvelope,
    kind: z.literal('press.repeated'),
    incident: z.string(),
    input: z.string(),
    count: z.number().int().positive(),
    presses: z.number().int().positive(),
  }),
  z.object({ ...aboutIncidents, kind: z.literal('incident.false-alarm') }),
  z.object({ ...aboutIncidents, kind: z.literal('incident.local-reset') }),
  z.object({
    ...alarmEnvelope,
    kind: z.literal('incident.resolved'),
    incident: z.string(),
    role: z.string(),
    user: z.string(),
    reason: z.string(),
    note: z.string().nullable(),
  }),
]);
export type AlarmMessage = z.infer<typeof alarmMessage>;

export const eventMessage = z.discriminatedUnion('kind', [
  z.object({
    ...envelope,
    kind: z.literal('fault.raised'),
    fault: z.string(),
    detail: z.string(),
  }),
  z.object({ ...envelope, kind: z.literal('fault.cleared'), fault: z.string() }),
  z.object({ ...envelope, kind: z.literal('chain.head'), chain: chainHead }),
]);
export type EventMessage = z.infer<typeof eventMessage>;

/** Retained on the state topic while the terminal is connected. */
export const birthMessage = z.object({
  v: z.literal(1),
  online: z.literal(true),
  terminal: topicWord,
  /** Commands must carry this boot id. */
  bootId: z.string(),
  version: z.string(),
  wallMs: unixMs,
  clock,
  identity,
  evidenceKey: z.object({ alg: z.literal('ed25519'), keyId: z.string(), publicKey: z.string() }),
  incidents: z.array(
    z.object({
      id: z.string(),
      input: z.string(),
      kind: z.enum(kinds),
      step: z.enum([
        'unstored',
        'stored',
        'sent',
        'received',
        'seen',
        'taken',
        'talking',
        'resolved',
      ]),
      raisedWallMs: unixMs,
      presses: z.number().int().positive(),
    }),
  ),
  faults: z.array(z.object({ fault: z.string(), detail: z.string(), sinceWallMs: unixMs })),
});
export type BirthMessage = z.infer<typeof birthMessage>;

/** Retained on the state topic by the broker when the terminal is gone. */
export const willMessage = z.object({
  v: z.literal(1),
  online: z.literal(false),
  terminal: topicWord,
  bootId: z.string(),
});
export const stateMessage = z.discriminatedUnion('online', [birthMessage, willMessage]);

export const healthMessage = z.object({
  v: z.literal(1),
  terminal: topicWord,
  bootId: z.string(),
  wallMs: unixMs,
  monoMs: z.number(),
  clock,
  uptimeS: z.number(),
  rssMb: z.number(),
  outboxRows: z.number().int(),
  transactions: z.number().int(),
  faults: z.array(z.string()),
});
export type HealthMessage = z.infer<typeof healthMessage>;

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

/** Sent by the platform after its own commit; one may name many messages. */
export const receiptMessage = z.strictObject({
  v: z.literal(1),
  ids: z.array(z.string().min(1).max(128)).min(1).max(limits.receiptIdsMax),
});
export type ReceiptMessage = z.infer<typeof receiptMessage>;

const commandEnvelope = {
  v: z.literal(1),
  id: z.string().min(1).max(128),
  bootId: z.string().min(1).max(64),
  issuedMs: unixMs,
  lifetimeMs: z.number().int().min(1).max(limits.commandLifetimeMsMax),
};
const incident = z.string().min(1).max(128);

/** Payload of each verb. */
export const commandPayloads = {
  status: z.strictObject(commandEnvelope),
  seen: z.strictObject({ ...commandEnvelope, incident }),
  take: z.strictObject({ ...commandEnvelope, incident }),
  resolve: z.strictObject({
    ...commandEnvelope,
    incident,
    reason: z.string().min(1).max(64),
    note: z.string().max(2000).nullable().default(null),
  }),
  'strobe-on': z.strictObject(commandEnvelope),
  'strobe-off': z.strictObject(commandEnvelope),
  'siren-on': z.strictObject(commandEnvelope),
  'siren-off': z.strictObject(commandEnvelope),
  test: z.strictObject({ ...commandEnvelope, part: z.enum(testParts) }),
} as const satisfies { [V in Verb]: z.ZodType };

export { roles, verbs };

// ---- from core's message to the wire --------------------------------------------------------

/** The bytes of an outbox row. `head` goes out with alarms and with `chain.head`. */
export function wireOf(
  message: Message,
  terminal: string,
  who: Identity,
  head: ChainHead,
): AlarmMessage | EventMessage {
  const { bootId, monoMs, wallMs, clock: quality } = message.at;
  const common = {
    v: 1 as const,
    id: message.id,
    terminal,
    bootId,
    seq: message.seq,
    monoMs,
    wallMs,
    clock: quality,
  };
  const { body } = message;
  switch (body.kind) {
    case 'fault.raised':
    case 'fault.cleared':
      return { ...common, ...body };
    case 'chain.head':
      return { ...common, ...body, chain: head };
    case 'incident.false-alarm':
    case 'incident.local-reset':
      return { ...common, ...body, incidents: [...body.incidents], identity: who, chain: head };
    default:
      return { ...common, ...body, identity: who, chain: head };
  }
}
