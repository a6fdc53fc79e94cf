// What comes from the broker: a command or receipt is read by the contract or refused in words, its
// fact can be recorded, and core takes it without a scratch, whatever names it mentions.

import fc from 'fast-check';
import type { IPublishPacket } from 'mqtt';
import { expect } from 'vitest';
import { limits, parseCommandTopic, topicsOf } from '#agent/contract.ts';
import { roles, verbs } from '#agent/core/command.ts';
import type { Fact } from '#agent/core/fact.ts';
import { tableNames } from '#agent/core/state.ts';
import { canonical } from '#agent/store/chain.ts';
import type { EntityRow } from '#agent/store/protocol.ts';
import { loadRows } from '#agent/store/rows.ts';
import { readInbound } from '#agent/uplink/inbound.ts';
import { Story } from '#test/core/story.ts';
import { fuzz } from './harness.ts';
import { anyJson, nastyWord, nearlyRight, nearlyRightObject } from './mutations.ts';

const terminal = 't1';
const topics = topicsOf(terminal);

const story = new Story().press('desk').press('quiet');
const open = story.of('desk').id;
const head = { v: 1, id: 'c1', bootId: 'boot-1', issuedMs: story.wallMs, lifetimeMs: 30_000 };
const rightCommand = { ...head, incident: open, reason: 'handled', note: null, part: 'strobe' };
const incident = fc.oneof(fc.constant(open), nastyWord, fc.string());

/** A payload that its verb may take, mostly: what is not its own is left out. */
function ownOf(verb: string, all: Record<string, unknown>): Record<string, unknown> {
  const { incident: about, reason, note, part, ...common } = all;
  if (verb === 'resolve') return { ...common, incident: about, reason, note };
  if (verb === 'seen' || verb === 'take') return { ...common, incident: about };
  return verb === 'test' ? { ...common, part } : common;
}

const word = fc.oneof(nastyWord, fc.string({ maxLength: 70 }));
const seldom = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: some });
const commandPacket: fc.Arbitrary<IPublishPacket> = fc
  .record({
    role: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...roles) }, word),
    user: fc.oneof({ weight: 5, arbitrary: fc.constant('li') }, word),
    verb: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...verbs) }, word),
    payload: nearlyRightObject(rightCommand),
    incident,
    id: fc.oneof({ weight: 3, arbitrary: fc.constant('c1') }, word),
    raw: seldom(
      fc.oneof(
        anyJson.map((one) => JSON.stringify(one)),
        fc.string(),
      ),
    ),
    reply: seldom(nearlyRight([`${topics.replies('110-city', 'li')}x`], word)),
    correlation: seldom(fc.uint8Array({ maxLength: 300 })),
    retain: fc.constantFrom(false, false, false, true),
  })
  .map(({ role, user, verb, payload, raw, reply, correlation, retain, ...names }) => ({
    ...({ cmd: 'publish', qos: 1, dup: false, retain } as const),
    topic: topics.command(role, user, verb),
    payload: raw ?? JSON.stringify(ownOf(verb, { ...payload, ...names })),
    properties: {
      ...(reply !== null && { responseTopic: reply }),
      ...(correlation !== null && { correlationData: Buffer.from(correlation) }),
    },
  }));

const receiptPacket: fc.Arbitrary<IPublishPacket> = fc
  .oneof(
    fc
      .array(fc.oneof(fc.constant(open), nastyWord), { maxLength: 5 })
      .map((ids) => ({ v: 1, ids })),
    nearlyRightObject({ v: 1, ids: [open] }),
    anyJson,
  )
  .map((json) => ({
    ...({ cmd: 'publish', qos: 1, dup: false, retain: false } as const),
    ...{ topic: topics.receipt, payload: JSON.stringify(json) },
  }));

const take = (name: string, id = 'c1'): IPublishPacket => ({
  ...({ cmd: 'publish', qos: 1, dup: false, retain: false } as const),
  topic: topics.command('110-city', 'li', 'take'),
  payload: JSON.stringify({ ...head, id, incident: name }),
});

export const commands = fuzz(
  'commands',
  commandPacket,
  (packet) => {
    const read = readInbound(terminal, packet);
    if (read.kind !== 'command') {
      expect(parseCommandTopic(terminal, packet.topic)).toBeNull();
      return;
    }
    const { fact } = read;
    const ownReplies = topics.replies(fact.role, fact.user);
    if (fact.kind !== 'stick.moved' && fact.replyTo !== null)
      expect(fact.replyTo.startsWith(ownReplies)).toBe(true);
    if (fact.kind === 'command.received') {
      expect(fact.lifetimeMs).toBeLessThanOrEqual(limits.commandLifetimeMsMax);
      expect(fact.retained).toBe(packet.retain);
    }
    takesIt(fact);
  },
  [...['constructor', '__proto__', 'toString'].map((name) => take(name)), take(open, '\ud800')],
);

export const receipts = fuzz(
  'receipts',
  receiptPacket,
  (packet) => {
    const read = readInbound(terminal, packet);
    if (read.kind !== 'receipt') return expect(read.kind).toBe('receipt.malformed');
    expect(read.ids.length).toBeLessThanOrEqual(limits.receiptIdsMax);
    takesIt({ kind: 'uplink.received', ids: read.ids });
  },
  [{ ...take(''), topic: topics.receipt, payload: '{"v":1,"ids":["constructor"]}' }],
);

export const topicsHeard = fuzz(
  'topics',
  nearlyRight([topics.command('110-city', 'li', 'take'), topics.receipt, topics.alarm], word),
  (topic) => {
    const path = parseCommandTopic(terminal, topic);
    if (path) expect(topics.command(path.role, path.user, path.verb)).toBe(topic);
    const packet = { ...take('x'), topic };
    const { kind } = readInbound(terminal, packet);
    const must = topic === topics.receipt ? 'receipt.malformed' : path ? 'command' : 'foreign';
    expect(kind).toBe(must);
  },
);

/** Core steps the fact, what it wants can be computed, and every row comes back from the disk. */
function takesIt(fact: Fact): void {
  canonical({ fact });
  const one = new Story();
  one.state = story.state;
  one.monoMs = story.monoMs;
  one.wallMs = story.wallMs;
  one.happens(fact);
  expect(one.wanted.dome.strobe).toBeTypeOf('boolean');
  const { durable } = one.state;
  const rows = tableNames.flatMap((table) =>
    // As SQLite keeps them: keys are UTF-8, bodies are JSON.
    Object.entries(durable[table]).map(
      ([id, body]): EntityRow => [table, Buffer.from(id).toString(), JSON.stringify(body)],
    ),
  );
  const loaded = loadRows(rows);
  expect(loaded.unreadable).toEqual([]);
  expect(loaded.durable).toEqual(durable);
  expect(Object.keys(durable.incidents)).toEqual(Object.keys(story.state.durable.incidents));
}
