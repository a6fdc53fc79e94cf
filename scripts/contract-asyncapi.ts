// The AsyncAPI 3 document of the contract, from the terminal's side: it sends what the platform reads.
// One channel a verb, so that the roles which may send it stand in the topic's own parameter.

import { commandVerbs, limits, rights, roles, topicsOf, verbs } from '../agent/contract.ts';
import { moveVerbs, type Role, ranks, type Verb } from '../agent/core/command.ts';
import { commandLimits } from '../agent/core/flood.ts';
import { answersKeptMs } from '../agent/core/obey.ts';
import { movesASecond, stickTimes } from '../agent/core/stick.ts';
import { againMsMax } from '../agent/uplink/backlog.ts';
import { keepaliveS } from '../agent/uplink/client.ts';
import { probeSuffix } from '../agent/uplink/probe.ts';
import { defaults } from '../agent/uplink/uplink.ts';
import { examples } from './contract-examples.ts';
import { type Kind, kinds, type Place, schemaOf } from './contract-kinds.ts';
import { deskRules } from './contract-rules.ts';

type Json = { readonly [key: string]: unknown };

const lifetimeS = limits.commandLifetimeMsMax / 1000;
const replyExpiryS = 10;
const receiptWithinS = defaults.receiptWithinMs / 1000;
const againMin = againMsMax / 60_000;
const keptMin = answersKeptMs / 60_000;
const topics = topicsOf('{terminal}');
const bounds = roles
  .map((role) => `${role} ${commandLimits[role].role} (${commandLimits[role].user})`)
  .join(', ')
  .replace(/(.{45,}?,) /g, '$1\n    ');
const mayAsk = (verb: Verb): Role[] => roles.filter((role) => rights[role].includes(verb));
const idleS = stickTimes.idleMs / 1000;
const returnMin = stickTimes.returnMs / 60_000;
const order = [...new Set(Object.values(ranks))]
  .map((rank) =>
    roles.filter((role) => ranks[role] === rank && mayAsk('stick.take').includes(role)),
  )
  .filter((equals) => equals.length > 0)
  .map((equals) => equals.join(' and '))
  .join(', ');
const ref = (...path: string[]) => ({ $ref: `#/${path.join('/')}` });

const rules = `
The terminal in a school's gate room tells of alarms and obeys commands. This is its side: it
**sends** alarm, event, state, health and reply, and **receives** receipt and cmd; a platform does
the opposite.

1. **Who.** The broker's ACL ties {role} and {user} of a topic to the login; what a payload claims
   is ignored. Only the platform's own login may write receipt. Each verb's channel lists its roles.
2. **Ids.** Alarms and events have an id, unique for ever. Seen again, a message has the same id and
   the same bytes: store it once, send its receipt again.
3. **Receipts.** When a message is on the platform's disk, its id goes to receipt,
   ${limits.receiptIdsMax} ids at most in one. A PUBACK is none. Without it the message comes again
   after ${receiptWithinS} s, then at growing intervals, ${againMin} min at most, and at each reconnect.
4. **Order.** Alarms go out before events, each of the two in the order of seq. A repetition comes
   late: order by seq, never by arrival.
5. **Boot id.** A command carries the bootId of the newest birth; another is refused as wrong-boot.
6. **Lifetimes.** A command lives ${lifetimeS} s at most by issuedMs and lifetimeMs (while the terminal's
   clock is good), is never retained, and has ${limits.inboundBytesMax / 1024} KiB at most. In lengths
   of strings a character outside the basic plane counts as two.
7. **Once.** A command's id, by role and user, has its effect once; sent again within ${keptMin} min it
   gets its first answer again. A resolve without an answer is sent again, with a new id and against
   the newest birth, until it is answered.
8. **Answers** go to the MQTT 5 response topic, which must lie under reply/{role}/{user}/, or to
   reply/{role}/{user}/{verb} where none is given, with the correlation data of the command. They
   expire after ${replyExpiryS} s and are not repeated.
9. **State** alone is retained: birth at each connect and each change; the will takes its place when
   the terminal ends, or ${defaults.willDelayS} s after its line has broken. A platform keeps a session of a
   day or more.
10. **Bounds.** Commands a minute, by role (and by user):
    ${bounds}.
    What is beyond is refused unread as too-many, and after as many refusals again not answered:
    wait a minute.
11. **Two brokers.** While its first broker fails, a terminal may use a second. It is at one of them
    at a time. Listen at both, send receipts and commands where the terminal is (its newest birth),
    and expect what was under way once more, under the same id. Before it goes back it tests the
    first with a health message of QoS 1, under its client id with "${probeSuffix}" behind it.
12. **Sessions.** session.offer opens one peer connection, for talk or for the live picture, under an
    id that the client makes. All that the terminal says of it goes to the response topic of the offer:
    answer, candidates, connected, heard, floor, lost, ended. Without an answer send the same offer again;
    the same id gets the same answer. After session.lost, or when the path has gone, offer anew under a new
    id, with the old one as replaces; after session.ended do not. Offer audio as sendrecv from the start:
    opening a microphone changes no SDP. These commands are not kept: of a session only who, when, how long
    and why it ended is recorded. Passwords of TURN servers come in the offer and are never stored.
    What points into the terminal's own network is left out unless the terminal is configured otherwise.
13. **Stick.** Who turns the dome has its lease: stick.take answers with it, and the birth message shows
    who that is. A role goes before those behind it: ${order}.
    Moves are QoS 0 and carry lease and n; each ends forMs later, ${stickTimes.moveMs} ms at most, unless the
    next comes. Say them on a connection of their own, whose will is stick.stop: one is fixed at CONNECT.
    Beyond ${movesASecond} a second they are dropped; for rule 10 they do not count. A lease ends ${idleS} s
    after the last operation; stick.take with it keeps it. The first alarm that turns the dome ends it, too.
    ${returnMin} minutes after the last operation the dome turns back, unless whoever took the open case has
    the stick.
${deskRules}
17. **Growth.** Ignore keys you do not know; the terminal refuses them in what it is told. A field
    never gets a new meaning, only a new name. gate/v1/{terminal}/telemetry is reserved.
`.trim();

interface Wire {
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly expiryS?: number;
}
const wires: { readonly [P in Place]: Wire } = {
  alarm: { qos: 1, retain: false },
  event: { qos: 1, retain: false },
  state: { qos: 1, retain: true },
  health: { qos: 0, retain: false },
  receipt: { qos: 1, retain: false },
  cmd: { qos: 1, retain: false, expiryS: lifetimeS },
  move: { qos: 0, retain: false },
  reply: { qos: 1, retain: false, expiryS: replyExpiryS },
};

const bindings = (place: Place): Json => {
  const { expiryS, ...wire } = wires[place];
  const expiry = expiryS === undefined ? {} : { messageExpiryInterval: expiryS };
  return { mqtt: { ...wire, ...expiry, bindingVersion: '0.2.0' } };
};

const terminal = { terminal: ref('components', 'parameters', 'terminal') };
const user = { user: ref('components', 'parameters', 'user') };

const messagesOf = (which: readonly Kind[]): Json =>
  Object.fromEntries(which.map(({ name }) => [name, ref('components', 'messages', name)]));

const of = (place: Place): Kind[] => kinds.filter((kind) => kind.place === place);

/** What the terminal says and hears without being asked: channel and operation. */
const plain = [
  { place: 'alarm', action: 'send', summary: 'Alarms and what becomes of them' },
  {
    place: 'event',
    action: 'send',
    summary: 'Faults, clips and snapshots, and the daily head of the audit chain',
  },
  { place: 'state', action: 'send', summary: 'Online with all that is open, or gone' },
  { place: 'health', action: 'send', summary: 'Figures once a minute' },
  { place: 'receipt', action: 'receive', summary: 'The platform has these messages' },
] as const;

function channels(): Json {
  const told = plain.map(({ place, summary }) => {
    const messages = messagesOf(of(place));
    return [
      place,
      { address: topics[place], description: summary, messages, parameters: terminal },
    ];
  });
  const commands = verbs.map((verb) => {
    const role = { description: 'Roles that may send this', enum: mayAsk(verb) };
    const [summary] = [...of('cmd'), ...of('move')].filter(({ name }) => name === `cmd.${verb}`);
    const channel = {
      address: topics.command('{role}', '{user}', verb),
      description: summary?.schema.meta()?.description,
      messages: messagesOf(summary ? [summary] : []),
      parameters: { ...terminal, role, ...user },
    };
    return [`cmd.${verb}`, channel];
  });
  const reply = {
    address: `${topics.replies('{role}', '{user}')}{verb}`,
    description: 'Answers. The sender may name another last part by the MQTT 5 response topic.',
    messages: messagesOf(of('reply')),
    parameters: {
      ...terminal,
      role: { description: 'Role of who has asked', enum: [...roles] },
      ...user,
      verb: { description: 'The verb, or what the response topic has in its place' },
    },
  };
  return Object.fromEntries([...told, ...commands, ['reply', reply]]);
}

function operations(): Json {
  const told = plain.map(({ place, action, summary }) => {
    const channel = ref('channels', place);
    return [`${action}.${place}`, { action, channel, summary, bindings: bindings(place) }];
  });
  const moves = moveVerbs.map((verb) => {
    const summary = `${verb}, from ${mayAsk(verb).join(', ')}`;
    const channel = ref('channels', `cmd.${verb}`);
    const operation = { action: 'receive', channel, summary, bindings: bindings('move') };
    return [`receive.cmd.${verb}`, operation];
  });
  const commands = commandVerbs.map((verb) => {
    const answers = [`reply.${verb}`, 'reply.refused'];
    const operation = {
      action: 'receive',
      channel: ref('channels', `cmd.${verb}`),
      summary: `Command ${verb}, from ${mayAsk(verb).join(', ')}`,
      bindings: bindings('cmd'),
      reply: {
        channel: ref('channels', 'reply'),
        messages: answers.map((name) => ref('channels', 'reply', 'messages', name)),
      },
    };
    return [`receive.cmd.${verb}`, operation];
  });
  const answer = {
    action: 'send',
    channel: ref('channels', 'reply'),
    summary: 'The answer to a command',
    bindings: bindings('reply'),
  };
  return Object.fromEntries([...told, ...commands, ...moves, ['send.reply', answer]]);
}

const correlated = { correlationId: { location: '$message.header#/correlationData' } };
const correlationData = { type: 'string', maxLength: 256, description: 'Bytes; 256 at most' };
const messageBindings = {
  cmd: {
    correlationData,
    responseTopic: {
      type: 'string',
      maxLength: 256,
      description: `Under ${topics.replies('{role}', '{user}')}; none: the verb is appended to that`,
    },
    bindingVersion: '0.2.0',
  },
  reply: { correlationData, bindingVersion: '0.2.0' },
};

function message(kind: Kind, payload: Json): Json {
  const { name, place } = kind;
  const { title, description: summary } = kind.schema.meta() ?? {};
  const asked =
    place === 'cmd' || place === 'reply'
      ? { ...correlated, bindings: { mqtt: messageBindings[place] } }
      : {};
  const example = [{ name: name.replaceAll('.', '-'), payload: examples.get(name) }];
  const { title: _, description: __, ...schema } = payload;
  return {
    name,
    title,
    summary,
    contentType: 'application/json',
    ...asked,
    payload: schema,
    examples: example,
  };
}

/** Messages, and what their schemas share. */
function components(): Json {
  const schemas: Record<string, unknown> = {};
  const messages: Record<string, unknown> = {};
  for (const kind of kinds) {
    const { $schema: _, $defs = {}, ...schema } = schemaOf(kind);
    Object.assign(schemas, $defs);
    const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
    messages[kind.name] = message(kind, JSON.parse(text));
  }
  const word = 'letters, digits, dot, dash, underscore; 64 at most, no dot or dash first';
  const parameters = {
    terminal: { description: `Id of the terminal: ${word}` },
    user: { description: `Login of the person or program: ${word}` },
  };
  const securitySchemes = {
    certificate: { type: 'X509', description: 'TLS client certificate; it is the login' },
    token: { type: 'userPassword', description: 'A person’s program: sub and token, rule 15' },
  };
  return { messages, schemas, parameters, securitySchemes };
}

const server = {
  host: 'broker.example:8883',
  protocol: 'secure-mqtt',
  protocolVersion: '5.0',
  description: "The city's broker. The binding is what the terminal connects with.",
  security: [ref('components', 'securitySchemes', 'certificate')],
  bindings: {
    mqtt: {
      keepAlive: keepaliveS,
      lastWill: {
        ...{ topic: topics.state, qos: 1, retain: true },
        message: JSON.stringify(examples.get('will')),
      },
      bindingVersion: '0.2.0',
    },
  },
};

export const asyncapi = (): Json => ({
  asyncapi: '3.0.0',
  info: { title: 'Gate terminal', version: '1.0.0', description: rules, license: { name: 'MIT' } },
  defaultContentType: 'application/json',
  'x-rights': rights,
  servers: { broker: server },
  channels: channels(),
  operations: operations(),
  components: components(),
});
