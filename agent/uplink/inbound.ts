// What the platform and the dispatchers send: receipts and commands, parsed by the contract's
// schemas. Role, user and verb come from the topic, which the broker's ACL ties to the login; what
// a payload claims is ignored. Rights, boot id, age and repetition are core's to judge.

import type { IPublishPacket } from 'mqtt';
import * as z from 'zod';
import {
  commandPayloads,
  limits,
  movePayloads,
  parseCommandTopic,
  receiptMessage,
  topicsOf,
  topicWord,
} from '../contract.ts';
import {
  type CommandArgs,
  isMoveVerb,
  type RefusalReason,
  type Role,
  roles,
  type Verb,
  verbs,
} from '../core/command.ts';
import type { FactOf } from '../core/fact.ts';

export type Inbound =
  | { readonly kind: 'receipt'; readonly ids: readonly string[] }
  | { readonly kind: 'receipt.malformed'; readonly detail: string }
  | { readonly kind: 'command'; readonly fact: CommandFact }
  | { readonly kind: 'foreign' };

type CommandFact = FactOf<'command.received' | 'command.malformed' | 'stick.moved'>;

const replyTopicCharsMax = 256;
const correlationBytesMax = 256;

const isRole = (word: string): word is Role => roles.some((role) => role === word);
const isVerb = (word: string): word is Verb => verbs.some((verb) => verb === word);

/** Reads a message of one of the subscribed topics. */
export function readInbound(terminal: string, packet: IPublishPacket): Inbound {
  const { topic } = packet;
  if (topic === topicsOf(terminal).receipt) return readReceipt(packet);
  const path = parseCommandTopic(terminal, topic);
  return path
    ? { kind: 'command', fact: readCommand(terminal, path, packet) }
    : { kind: 'foreign' };
}

function readReceipt(packet: IPublishPacket): Inbound {
  const read = readJson(packet);
  if ('wrong' in read) return { kind: 'receipt.malformed', detail: read.wrong };
  const parsed = receiptMessage.safeParse(read.json);
  return parsed.success
    ? { kind: 'receipt', ids: parsed.data.ids }
    : { kind: 'receipt.malformed', detail: firstIssue(parsed.error) };
}

type Path = { readonly role: string; readonly user: string; readonly verb: string };

function readCommand(
  terminal: string,
  { role, user, verb }: Path,
  packet: IPublishPacket,
): CommandFact {
  const { responseTopic, correlationData } = packet.properties ?? {};
  const correlation = correlationData ? correlationData.toString('base64') : null;
  const nameable = [role, user, verb].every((word) => topicWord.safeParse(word).success);
  // A refusal goes to the sender's own reply topic, never to one that the ACL does not tie to it.
  const ownTopic = nameable ? `${topicsOf(terminal).replies(role, user)}${verb}` : null;
  const read = readJson(packet);
  const id = 'json' in read ? idOf(read.json) : null;
  const malformed = (reason: RefusalReason, detail: string, replyTo = ownTopic) => ({
    ...({ kind: 'command.malformed', role, user, verb, id, reason, detail } as const),
    replyTo,
    correlation,
  });

  if (!nameable || !ownTopic)
    return malformed('malformed', 'topic: role, user and verb are words of at most 64 characters');
  if (!isReplyTopic(responseTopic, topicsOf(terminal).replies(role, user)))
    return malformed(
      'bad-reply-topic',
      `response topic: must lie under ${topicsOf(terminal).replies(role, user)}`,
    );
  const replyTo = responseTopic ?? ownTopic;
  if (correlationData && correlationData.length > correlationBytesMax)
    return malformed(
      'malformed',
      `correlation data: ${correlationBytesMax} bytes at most`,
      replyTo,
    );
  if (!isRole(role)) return malformed('not-allowed', `role: ${role} is not known`, replyTo);
  if (!isVerb(verb)) return malformed('unknown-verb', `verb: ${verb} is not known`, replyTo);
  if ('wrong' in read) return malformed('malformed', read.wrong, replyTo);
  if (isMoveVerb(verb)) {
    const move = movePayloads[verb].safeParse(read.json);
    if (!move.success) return malformed('malformed', firstIssue(move.error), replyTo);
    // A broker keeps what has another QoS, and would turn the dome when the line is back.
    if (packet.qos !== 0) return malformed('malformed', `${verb}: goes by QoS 0`, replyTo);
    const { v: _, ...moved } = { pan: 0, tilt: 0, zoom: 0, forMs: 0, ...move.data };
    return { kind: 'stick.moved', role, user, retained: packet.retain, ...moved };
  }
  const parsed = commandPayloads[verb].safeParse(read.json);
  if (!parsed.success) return malformed('malformed', firstIssue(parsed.error), replyTo);
  const { v: _, id: commandId, bootId, issuedMs, lifetimeMs, ...rest } = parsed.data;
  return {
    ...({ kind: 'command.received', id: commandId, role, user } as const),
    // Checked: the schema above is the one of this verb.
    args: { verb, ...rest } as CommandArgs,
    ...{ bootId, issuedMs, lifetimeMs, retained: packet.retain, replyTo, correlation },
  };
}

/** None given is right, too: the answer then goes to the topic named after the verb. */
const isReplyTopic = (topic: string | undefined, under: string): boolean =>
  topic === undefined ||
  (topic.startsWith(under) &&
    topic.length > under.length &&
    topic.length <= replyTopicCharsMax &&
    !/[+#\0]/.test(topic));

function readJson({ payload }: IPublishPacket): { json: unknown } | { wrong: string } {
  if (payload.length > limits.inboundBytesMax)
    return { wrong: `payload: ${payload.length} bytes, at most ${limits.inboundBytesMax}` };
  try {
    return { json: JSON.parse(payload.toString()) };
  } catch (error) {
    return { wrong: `payload: not JSON (${error instanceof Error ? error.message : error})` };
  }
}

const withId = z.object({ id: z.string().min(1).max(128) });
const idOf = (json: unknown): string | null => withId.safeParse(json).data?.id ?? null;

function firstIssue({ issues }: z.ZodError): string {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return `${first?.path.join('.') || 'payload'}: ${first?.message}${more}`;
}
