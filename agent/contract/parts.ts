// What several messages of the contract share: limits, words, who the terminal is, where its chain of
// records stands. What `describe` and `meta` say here is what config/contract publishes.

import * as z from 'zod';

export const limits = {
  /** Largest command or receipt the terminal reads, bytes. */
  inboundBytesMax: 96 * 1024,
  sdpBytesMax: 64 * 1024,
  receiptIdsMax: 1000,
  commandLifetimeMsMax: 30_000,
} as const;

const word = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** One level of a topic: no wildcard, no slash. */
export const topicWord = z
  .string()
  .regex(word, 'letters, digits, dot, dash, underscore; 64 at most');

const unixMs = z.number().int().nonnegative();

/** A field of the given meaning, milliseconds since 1970 by the wall clock. */
export const wallMs = (what: string) =>
  unixMs.describe(`${what}, milliseconds since 1970-01-01 UTC by the sender's wall clock`);

export const version = z.literal(1).describe('Version of the contract');
export const idWord = z.string().min(1).max(128);
export const terminalId = topicWord.describe('Id of the terminal, as in the topic');
export const bootId = z
  .string()
  .describe("The kernel's boot id: another one means that the machine has restarted");
export const clock = z
  .enum(['good', 'unknown'])
  .describe('`good`: the wall clock is kept by a time server. Do not order by it otherwise');
export const monoMs = z
  .number()
  .describe(
    'Monotonic clock of this boot, milliseconds; differences hold whatever the wall clock did',
  );

/** Head of the hash chain of audit facts, the fact that this message tells included. */
export const chainHead = z
  .object({
    seq: z.number().int().nonnegative().describe('Records in the chain so far'),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('SHA-256 over the chain up to here, hex'),
    alg: z.literal('ed25519'),
    keyId: z.string().describe('Names the `evidenceKey` of the birth message'),
    sig: z
      .string()
      .describe('Signature over the text `gate-chain:v1:{terminal}:{seq}:{hash}`, base64'),
  })
  .meta({
    id: 'ChainHead',
    title: 'Head of the audit chain',
    description: 'Where the hash chain of audit records stands, this message included',
  });
export type ChainHead = z.infer<typeof chainHead>;

/** Who and where the terminal is: enough to dispatch on, with every alarm. */
export const identity = z
  .object({
    divisionCode: z.string().describe('Administrative division code (GB/T 2260)'),
    jurisdiction: z.string().describe('Police station in charge'),
    school: z.string(),
    address: z.string(),
    position: z
      .object({ lat: z.number(), lon: z.number() })
      .readonly()
      .nullable()
      .describe('WGS 84, degrees'),
    gate: z.string().describe('Which gate of the school'),
    gateRoomPhone: z.string(),
    contacts: z
      .array(z.object({ name: z.string(), phone: z.string() }).readonly())
      .readonly()
      .describe('Whom to call, first to last'),
  })
  .readonly()
  .meta({
    id: 'Identity',
    title: 'Who and where',
    description: 'Who and where the terminal is: enough to dispatch on',
  });
export type Identity = z.infer<typeof identity>;
