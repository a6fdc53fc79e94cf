// Who may command, at a broker with TLS, client certificates and an ACL: what is not authorised, fresh
// and new changes nothing, is answered with its reason, and is in the audit chain.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { topicsOf } from '#agent/contract.ts';
import type { CommandOptions } from '#agent/sim/platform/desk.ts';
import type { Platform } from '#agent/sim/platform.ts';
import { terminalId } from '#agent/sim/room.ts';
import { verifyChain } from '#agent/store/chain.ts';
import { gateAcl } from '#test/support/mosquitto.ts';
import { lookInto } from './support/database.ts';
import { House } from './support/house.ts';
import { bareClient, deskOf, roomLogins } from './support/logins.ts';

const wang = { role: '110-city', user: 'wang' };
const li = { role: 'school', user: 'li' };
const topics = topicsOf(terminalId);
let house: House;
let city: Platform;
let school: Platform;
/** Ids of commands that reached the terminal, and of those that never did. */
const arrived = new Set<string>();
const kept = new Set<string>();

beforeAll(async () => {
  house = await House.open({
    buttons: 2,
    mosquitto: { tls: true, acl: gateAcl([wang, li]) },
    room: roomLogins,
  });
  city = await deskOf(house, wang);
  school = await deskOf(house, li);
  await house.start();
  await house.until('birth at the desks', () =>
    [city, school].every(({ states }) => states.get(terminalId)?.online),
  );
});

afterAll(async () => {
  await city.close();
  await school.close();
  await house.close();
});

/** Sends as a person and notes the id. */
async function ask(
  from: Platform,
  verb: string,
  args: { readonly [key: string]: unknown } = {},
  { payload = {}, ...options }: CommandOptions = {},
) {
  const id = typeof payload.id === 'string' ? payload.id : randomUUID();
  arrived.add(id);
  const answer = await from.desk.command(terminalId, verb, args, {
    ...options,
    payload: { ...payload, id },
  });
  expect(answer.id).toBe(id);
  return answer;
}

/** A press of button 1, as far as the platform's receipt. */
async function alarm(): Promise<string> {
  const { box, dome } = house.room;
  await box.tap(1);
  await house.until('the alarm received', () => house.word === 'received');
  await house.until('the strobe to be on', () => dome.actuators.strobe, 5_000);
  const [incident = ''] = house.open;
  return incident;
}

async function stepOf(incident: string): Promise<string | undefined> {
  const status = await house.until('the status', () => house.room.status());
  return status.incidents.find(({ id }) => id === incident)?.step;
}

async function end(incident: string): Promise<void> {
  expect(await ask(city, 'resolve', { incident, reason: 'handled' })).toMatchObject({ ok: true });
  await house.until('the strobe to be off', () => !house.room.dome.actuators.strobe, 5_000);
  await house.until('the end at the platform', () => house.open.length === 0);
}

test('what may not be, is refused with its reason and changes nothing', async () => {
  const { dome } = house.room;
  const incident = await alarm();
  const refused = async (reason: string, answer: ReturnType<typeof ask>) => {
    expect(await answer).toMatchObject({ ok: false, reason, detail: expect.any(String) });
    expect(await stepOf(incident), `after ${reason}`).toBe('received');
    expect(dome.actuators.strobe).toBe(true);
  };
  const resolve = { incident, reason: 'handled' };
  const withPayload = (payload: CommandOptions['payload'] = {}) => ({ payload });
  expect(city.states.get(terminalId), 'age counts while the clock is good').toMatchObject({
    clock: 'good',
  });
  await refused('not-allowed', ask(school, 'resolve', resolve));
  await refused('not-allowed', ask(school, 'strobe-off'));
  await refused('wrong-boot', ask(city, 'resolve', resolve, withPayload({ bootId: randomUUID() })));
  await refused('retained', ask(city, 'take', { incident }, { retain: true }));
  const old = { issuedMs: Date.now() - 31_000 };
  await refused('expired', ask(city, 'strobe-off', {}, withPayload(old)));
  await refused('malformed', ask(city, 'take', { incident }, withPayload({ lifetimeMs: 60_000 })));
  await refused('malformed', ask(city, 'take', { incident, role: 'platform' }));
  // The refusal goes to the sender's own topic, whatever topic was named.
  const foreign = { responseTopic: `${topics.replies(li.role, li.user)}take` };
  await refused('bad-reply-topic', ask(city, 'take', { incident }, foreign));
  await end(incident);
});

test('a retained command is not obeyed by a terminal that finds it at its start', async () => {
  const { daemon } = house.room;
  // It is still there: the broker keeps it for whoever subscribes.
  const incident = await alarm();
  await daemon.end('SIGKILL');
  await house.start();
  expect(await ask(city, 'status')).toMatchObject({ ok: true });
  expect(await stepOf(incident)).toBe('received');
  const client = await bareClient(house.broker, wang.user);
  await client.publishAsync(topics.command(wang.role, wang.user, 'take'), '', {
    qos: 1,
    retain: true,
  });
  await client.endAsync();
  await end(incident);
});

test('an id seen before changes nothing and gets its first answer again', async () => {
  const { box, daemon, dome } = house.room;
  const incident = await alarm();
  const payload = { id: randomUUID(), issuedMs: Date.now() };
  const first = await ask(city, 'strobe-off', {}, { payload });
  expect(first).toMatchObject({ ok: true, result: { strobe: 'off' } });
  await house.until('the strobe to be off', () => !dome.actuators.strobe, 5_000);
  await box.tap(2);
  await house.until('the strobe to be on with the next press', () => dome.actuators.strobe, 5_000);
  const offs = () =>
    dome.actuators.history.filter(({ what, on }) => what === 'strobe' && !on).length;
  const before = offs();
  expect(await ask(city, 'strobe-off', {}, { payload })).toEqual(first);
  await daemon.end('SIGKILL');
  await house.start();
  expect(await ask(city, 'strobe-off', {}, { payload })).toEqual(first);
  expect(await ask(city, 'status')).toMatchObject({ result: { strobe: 'auto' } });
  expect(offs(), 'the light stayed on').toBe(before);
  const [other = ''] = house.open.filter((id) => id !== incident);
  expect(await ask(city, 'resolve', { incident: other, reason: 'handled' })).toMatchObject({
    ok: true,
  });
  await end(incident);
});

// A row that said `on` was once refused at the start as unreadable, and the numbers began anew.
test('a strobe that was switched on by hand survives a SIGKILL', async () => {
  const { box, daemon, dome } = house.room;
  const incident = await alarm();
  await ask(city, 'strobe-off');
  expect(await ask(city, 'strobe-on')).toMatchObject({ ok: true });
  await house.until('the strobe to be on', () => dome.actuators.strobe, 5_000);
  await daemon.end('SIGKILL');
  await house.start();
  expect(await ask(city, 'status')).toMatchObject({ result: { strobe: 'on', faults: [] } });
  await box.tap(1);
  await house.until('the press again at the platform', () =>
    house.repeated.some((one) => one.incident === incident),
  );
  expect(house.room.platform.violations).toEqual([]);
  await end(incident);
});

test('the broker lets nobody command or send receipts under another name', async () => {
  const { box, platform } = house.room;
  platform.holdReceipts = true;
  await box.tap(1);
  await house.until('the alarm sent', () => house.word === 'sent');
  const [incident = ''] = house.open;
  const client = await bareClient(house.broker, wang.user);
  const id = randomUUID();
  kept.add(id);
  const command = { v: 1, id, bootId: city.states.get(terminalId)?.bootId, issuedMs: Date.now() };
  const payload = JSON.stringify({ ...command, lifetimeMs: 30_000, incident, reason: 'x' });
  const publish = (topic: string, text: string) => client.publishAsync(topic, text, { qos: 1 });
  const refused = { code: 135 };
  const forged = topics.command('platform', 'platform', 'resolve');
  await expect(publish(forged, payload)).rejects.toMatchObject(refused);
  await expect(
    publish(topics.command(wang.role, 'chen', 'resolve'), payload),
  ).rejects.toMatchObject(refused);
  const receipt = JSON.stringify({ v: 1, ids: [incident] });
  await expect(publish(topics.receipt, receipt)).rejects.toMatchObject(refused);
  await client.endAsync();
  // What the broker had let through would have come before this.
  expect(await ask(city, 'status')).toMatchObject({ ok: true });
  expect(await stepOf(incident)).toBe('sent');
  platform.releaseReceipts();
  await house.until('the alarm received', () => house.word === 'received');
  await end(incident);
});

test('all of it is in the audit chain', async () => {
  const { daemon, platform } = house.room;
  await house.until('an empty outbox', () => house.outboxEmpty());
  await daemon.end('SIGTERM');
  const { audit } = lookInto(house.dataDir);
  const told = audit
    .filter(({ kind }) => kind.startsWith('command.'))
    .map(({ body }) => body ?? '');
  for (const id of arrived)
    expect(told.filter((body) => body.includes(id)).length, id).toBeGreaterThan(0);
  for (const id of kept) expect(told.filter((body) => body.includes(id))).toEqual([]);
  const state = platform.log.findLast(({ what, message }) => what === 'state' && isBirth(message));
  if (!isBirth(state?.message)) throw new Error('the platform has seen no birth');
  const { publicKey } = state.message.evidenceKey;
  const heads = [...platform.alarms.values()].map(({ chain }) => chain);
  expect(heads.length).toBeGreaterThan(5);
  const last = audit.at(-1);
  expect(verifyChain(audit, { terminal: terminalId, publicKey, heads })).toEqual({
    ok: true,
    seq: last?.seq,
    hash: last?.hash,
  });
});

test('what crossed the broker is what config/contract says', () => {
  const { kinds, problems } = house.ears;
  expect(problems).toEqual([]);
  for (const kind of ['alarm.raised', 'press.repeated', 'incident.resolved', 'birth', 'health'])
    expect(kinds).toContain(kind);
  for (const kind of ['receipt', 'cmd.take', 'reply.status', 'reply.resolve', 'reply.refused'])
    expect(kinds).toContain(kind);
});

const isBirth = (message: unknown): message is { evidenceKey: { publicKey: string } } =>
  typeof message === 'object' && message !== null && 'evidenceKey' in message;
