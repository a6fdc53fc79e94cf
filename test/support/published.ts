// The published contract as an integrator has it: config/contract alone, read by ajv, which shares
// nothing with the schemas it was written from. Says what is wrong with a message that was seen.

import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import * as z from 'zod';

export const contractDir = join(import.meta.dirname, '../../config/contract');
export const asyncapiFile = join(contractDir, 'asyncapi.yaml');

/** A PUBLISH, as its sender or a receiver has it. */
export interface Packet {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: number;
  readonly retain: boolean;
  readonly properties?: { readonly messageExpiryInterval?: number | undefined } | undefined;
}

export interface Verdict {
  /** Name of the message kind, or null where none fits. */
  readonly kind: string | null;
  /** The payload is none that this topic may carry; null where the topic is of no channel. */
  readonly payloadWrong: boolean | null;
  readonly problems: readonly string[];
}

const bindings = z.object({
  mqtt: z.object({
    qos: z.number(),
    retain: z.boolean(),
    messageExpiryInterval: z.number().optional(),
  }),
});
const ref = z.object({ $ref: z.string() });
const document = z.object({
  channels: z.record(
    z.string(),
    z.object({
      address: z.string(),
      messages: z.record(z.string(), ref),
      parameters: z.record(z.string(), z.object({ enum: z.array(z.string()).optional() })),
    }),
  ),
  operations: z.record(z.string(), z.object({ channel: ref, bindings })),
});

interface Channel {
  readonly name: string;
  readonly topic: RegExp;
  readonly kinds: readonly string[];
  readonly enums: readonly (readonly [string, readonly string[]])[];
  readonly wire: z.infer<typeof bindings>['mqtt'];
}

export class Published {
  readonly kinds: ReadonlyMap<string, ValidateFunction>;
  readonly #channels: readonly Channel[];

  constructor() {
    // Strict: an unknown keyword in a published schema is a mistake.
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
    const files = globSync('schema/*.json', { cwd: contractDir });
    this.kinds = new Map(
      files.map((file) => [
        basename(file, '.json'),
        ajv.compile(JSON.parse(readFileSync(join(contractDir, file), 'utf8'))),
      ]),
    );
    this.#channels = channelsOf(document.parse(parse(readFileSync(asyncapiFile, 'utf8'))));
  }

  /** What the schema of a kind has against a value; empty: nothing. */
  wrongWith(kind: string, value: unknown): string[] {
    const validate = this.kinds.get(kind);
    if (!validate) return [`no kind ${kind}`];
    if (validate(value)) return [];
    return (validate.errors ?? []).map((e) => `${kind}${e.instancePath} ${e.message}`);
  }

  judge({ topic, payload, ...packet }: Packet): Verdict {
    for (const channel of this.#channels) {
      const groups = channel.topic.exec(topic)?.groups;
      if (!groups) continue;
      const { kind, errors } = this.#read(channel, payload.toString());
      const strangers = channel.enums
        .filter(([name, words]) => !words.includes(groups[name] ?? ''))
        .map(([name]) => `${channel.name}: ${name} ${groups[name]} is none of its words`);
      const problems = [...strangers, ...wireProblems(channel, packet), ...errors];
      return { kind, payloadWrong: kind === null, problems };
    }
    return { kind: null, payloadWrong: null, problems: [`no channel has the topic ${topic}`] };
  }

  /** The one kind of the channel that the text is of. */
  #read({ name, kinds }: Channel, text: string): { kind: string | null; errors: string[] } {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return { kind: null, errors: [`${name}: not JSON (${error})`] };
    }
    const errors = kinds.map((kind) => [kind, this.wrongWith(kind, value)] as const);
    const right = errors.filter(([, wrong]) => wrong.length === 0).map(([kind]) => kind);
    const [kind = null] = right;
    if (right.length > 1) return { kind, errors: [`${name}: is ${right.join(' and ')} at once`] };
    return { kind, errors: kind === null ? errors.flatMap(([, wrong]) => wrong) : [] };
  }
}

function wireProblems({ name, wire }: Channel, packet: Omit<Packet, 'topic' | 'payload'>) {
  const expiryS = packet.properties?.messageExpiryInterval;
  const most = wire.messageExpiryInterval;
  const problems: string[] = [];
  // The test of a broker that failed is a health message that has to be acknowledged.
  const isTest = name === 'health' && packet.qos === 1;
  if (packet.qos !== wire.qos && !isTest)
    problems.push(`${name}: QoS ${packet.qos}, not ${wire.qos}`);
  // A subscriber sees the flag only on what the broker had kept.
  if (packet.retain && !wire.retain) problems.push(`${name}: retained`);
  if (most === undefined && expiryS !== undefined) problems.push(`${name}: expires`);
  // The broker takes its own time off.
  if (most !== undefined && !(expiryS !== undefined && expiryS <= most))
    problems.push(`${name}: expires after ${expiryS} s, ${most} at most`);
  return problems;
}

function channelsOf({ channels, operations }: z.infer<typeof document>): Channel[] {
  return Object.entries(channels).map(([name, { address, messages, parameters }]) => {
    const own = Object.values(operations).filter(({ channel }) =>
      channel.$ref.endsWith(`/${name}`),
    );
    const [operation, ...more] = own;
    if (!operation || more.length > 0) throw new Error(`${name} has ${own.length} operations`);
    const pattern = address.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    return {
      name,
      topic: new RegExp(`^${pattern}$`),
      kinds: Object.keys(messages),
      enums: Object.entries(parameters).flatMap(([parameter, { enum: words }]) =>
        words ? [[parameter, words] as const] : [],
      ),
      wire: operation.bindings.mqtt,
    };
  });
}
