// The contract with the platform: topics and payloads, and nothing else. Everything that crosses
// MQTT is parsed by a schema of this file, on both sides. Unknown keys are refused in what the
// terminal is told and allowed in what it tells; a field never gets a new meaning, only a new name.

import type { AlarmMessage, EventMessage } from './contract/messages.ts';
import type { ChainHead, Identity } from './contract/parts.ts';
import { commandVerbs, type Role, roles, type Verb, verbs } from './core/command.ts';
import type { Message } from './core/message.ts';

export * from './contract/access.ts';
export * from './contract/commands.ts';
export * from './contract/login.ts';
export * from './contract/messages.ts';
export {
  type ChainHead,
  chainHead,
  type Identity,
  identity,
  limits,
  topicWord,
} from './contract/parts.ts';
export type { PastCase } from './contract/past.ts';
export * from './contract/sessions.ts';
export * from './contract/stick.ts';
export { openWindow } from './contract/windows.ts';
export * from './contract/words.ts';

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
/** An address to send files to or to fetch a release from, and a certificate, come from the platform
 * alone. */
const platformAlone: readonly Verb[] = [
  ...(['test', 'evidence.put', 'update.offer', 'certificate.offer'] as const),
];
const dispatcher = verbs.filter((verb) => !platformAlone.includes(verb));
/** Whom a kind of session is for, core says (core/session.ts). */
const watch: readonly Verb[] = [
  ...(['session.offer', 'session.candidate', 'session.stream', 'session.bye'] as const),
];
/** Whose is which, core says (core/mark.ts). */
const windows: readonly Verb[] = ['window.open', 'window.close'];
const turn = verbs.filter((verb) => verb.startsWith('stick.'));

/** role x verb. What is not listed is refused with `not-allowed`. */
export const rights: { readonly [R in Role]: readonly Verb[] } = {
  platform: verbs,
  '110-city': dispatcher,
  '110-district': dispatcher,
  'police-video': [...everyone, ...watch, ...turn],
  campus: ['status', 'seen', 'strobe-off', 'siren-off', ...windows, ...watch, ...turn],
  school: ['status', 'siren-off'],
  installer: ['status', 'test', ...windows, ...watch, 'session.floor', ...turn],
};

export { commandVerbs, roles, verbs };

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
    case 'dome.noticed':
    case 'window.opened':
    case 'window.closed':
    case 'update.applied':
    case 'update.failed':
    case 'certificate.expiring':
    case 'certificate.request':
    case 'certificate.renewed':
      return { ...common, ...body };
    case 'chain.head':
    case 'evidence.exported':
    case 'record.signed':
    case 'terminal.replaced':
    case 'terminal.retired':
      return { ...common, ...body, chain: head };
    case 'drill.report': {
      const cases = body.cases.map(({ hops, ...one }) => ({ ...one, hops: [...hops] }));
      return { ...common, ...body, cases, chain: head };
    }
    case 'evidence.missing':
    case 'evidence.sent':
      return { ...common, ...body };
    case 'patrol.ended':
      return { ...common, ...body, parts: [...body.parts], chain: head };
    case 'evidence.stored':
      return { ...common, ...body, incidents: [...body.incidents], chain: head };
    case 'incident.false-alarm':
    case 'incident.local-reset':
      return { ...common, ...body, incidents: [...body.incidents], identity: who, chain: head };
    default:
      return { ...common, ...body, identity: who, chain: head };
  }
}
