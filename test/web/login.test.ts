// Logins end to end: the login address of the rehearsal room over HTTP, its tokens at its broker, the client
// of the contract with them, and a terminal's uplink that obeys no more than its own table of rights.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { generateKeyPair, SignJWT } from 'jose';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { aclOf, covers, type Person, topicsOf } from '#agent/contract.ts';
import type { Role } from '#agent/core/command.ts';
import { startBroker } from '#agent/sim/broker.ts';
import { LoginServer } from '#agent/sim/login/login.ts';
import { Tokens } from '#agent/sim/login/tokens.ts';
import { GateClient } from '#agent/web/client/client.ts';
import { CommandRefused } from '#agent/web/client/commands.ts';
import { Login } from '#agent/web/client/login.ts';
import { Story } from '#test/core/story.ts';
import { until, within } from '#test/support/wait.ts';
import { atEnd, openUplink } from '#test/uplink/rig.ts';
import { terminal } from '#test/uplink/rows.ts';

const soon = { withinMs: 10_000 };
const people: readonly Person[] = [
  { user: 'li', role: '110-city', jurisdiction: 'city', terminals: null },
  { user: 'wang', role: '110-district', jurisdiction: 'west', terminals: [terminal] },
  { user: 'sun', role: '110-district', jurisdiction: 'east', terminals: ['another'] },
  { user: 'chen', role: 'campus', jurisdiction: 'west', terminals: [terminal] },
];
const person = (user: string): Person => {
  const found = people.find((one) => one.user === user);
  if (!found) throw new Error(user);
  return found;
};
const ofTerminal = { username: 't', password: 'terminal’s own' };

async function openRoom(validS?: number) {
  const tokens = await Tokens.make(validS === undefined ? {} : { validS });
  const desks = new LoginServer({ tokens, people });
  const server = createServer((request, response) => {
    if (!desks.answer(request, response)) response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const users = [{ ...ofTerminal, login: { kind: 'terminal', terminal } as const }];
  const broker = await startBroker({ tokens, users });
  atEnd(() => broker.stop());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { tokens, desks, broker, url: `http://127.0.0.1:${port}/login` };
}

/** A browser's jar of cookies, for a page that is loaded again and again. */
function browser(url: string) {
  const jar = { cookie: '', set: '' };
  const fetcher: typeof fetch = async (input, init) => {
    const headers = { ...Object.fromEntries(new Headers(init?.headers)), cookie: jar.cookie };
    const answer = await fetch(input, { ...init, headers });
    jar.set = answer.headers.get('set-cookie') ?? jar.set;
    jar.cookie = jar.set.split(';')[0] ?? '';
    return answer;
  };
  return { jar, load: () => new Login({ url, fetch: fetcher }) };
}

async function loggedIn(room: Awaited<ReturnType<typeof openRoom>>, user: string) {
  const login = browser(room.url).load();
  expect(await login.enter(user, room.desks.passwords.get(user) ?? '')).toBe('in');
  return login;
}

/** A desk on the library of the contract. */
async function deskOf(room: Awaited<ReturnType<typeof openRoom>>, user: string) {
  const login = await loggedIn(room, user);
  const { role } = person(user);
  const client = new GateClient({
    ...{ url: room.broker.url, role, user, username: user },
    ...{ password: login.credential, terminals: login.terminals },
  });
  const lines: boolean[] = [];
  client.on('line', ({ up }) => lines.push(up));
  client.open();
  atEnd(() => client.close());
  await until(() => client.up, { ...soon, what: `the line of ${user}` });
  return { client, lines };
}

/** A bare connection; null: refused. */
async function connected(url: string, login: IClientOptions): Promise<MqttClient | null> {
  const client = connect(url, { protocolVersion: 5, reconnectPeriod: 0, ...login });
  atEnd(() => client.endAsync(true));
  client.on('error', () => undefined);
  const came = new Promise<boolean>((done) => {
    client.once('connect', () => done(true));
    client.once('close', () => done(false));
  });
  return (await within(came, { ...soon, what: 'an answer of the broker' })) ? client : null;
}

/** A real uplink whose commands are judged by the real core. */
async function openTerminal(url: string) {
  const { uplink, told } = await openUplink(url, { broker: ofTerminal });
  const story = new Story().press('desk');
  story.clock = 'unknown';
  const emit = told.emit.bind(told);
  told.emit = (fact, stepped) => {
    emit(fact, stepped);
    if (fact.kind !== 'command.received') return;
    story.bootId = fact.bootId;
    story.happens(fact);
    for (const reply of story.answers.splice(0)) uplink.reply(reply);
  };
  await told.fact('uplink.online');
  return { story, told };
}

describe('the login address', () => {
  it('lets in by the right password, again by the cookie alone, and no more after the end', async () => {
    const { url, desks } = await openRoom();
    const { jar, load } = browser(url);
    const first = load();
    expect(await first.resume()).toEqual({ state: 'out', why: 'new' });
    expect(await first.enter('wang', 'wrong')).toBe('wrong');
    expect(await first.enter('nobody', 'wrong')).toBe('wrong');
    expect(await first.enter('wang', desks.passwords.get('wang') ?? '')).toBe('in');
    const { terminals, ...who } = person('wang');
    expect(first.state).toEqual({ state: 'in', ...who, terminals });
    for (const word of ['HttpOnly', 'SameSite=Strict', 'Path=/login'])
      expect(jar.set).toContain(word);
    const reloaded = load();
    expect(await reloaded.resume()).toMatchObject({ state: 'in', user: 'wang' });
    expect(await browser(url).load().resume()).toMatchObject({ state: 'out' });
    const { cookie } = jar;
    await reloaded.leave();
    jar.set = cookie;
    jar.cookie = cookie;
    expect(await load().resume()).toEqual({ state: 'out', why: 'new' });
  });

  it('refuses even the right password for a while after five wrong ones', async () => {
    const { url, desks } = await openRoom();
    const login = browser(url).load();
    for (let n = 0; n < 5; n++) expect(await login.enter('li', `wrong ${n}`)).toBe('wrong');
    expect(await login.enter('li', desks.passwords.get('li') ?? '')).toBe('too-many');
    expect(await login.enter('chen', desks.passwords.get('chen') ?? '')).toBe('in');
  });

  it('says when it does not answer', async () => {
    const login = browser('http://127.0.0.1:1/login').load();
    expect(await login.enter('li', 'x')).toBe('unreachable');
    await expect(login.credential()).rejects.toThrow(/does not answer/);
  });
});

describe('a token', () => {
  it('is refused when it is another’s, signed by another, not signed, or over', async () => {
    const { tokens, broker } = await openRoom(4);
    const token = await tokens.sign(person('li'));
    expect(await connected(broker.url, { username: 'li', password: token })).not.toBeNull();
    expect(await connected(broker.url, { username: 'wang', password: token })).toBeNull();
    const forged = await (await Tokens.make()).sign(person('li'));
    expect(await connected(broker.url, { username: 'li', password: forged })).toBeNull();
    const [, claims] = token.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const bare = `${none}.${claims}.`;
    expect(await connected(broker.url, { username: 'li', password: bare })).toBeNull();
    const isOver = () =>
      tokens
        .verify(token)
        .then(() => false)
        .catch(() => true);
    await until(isOver, { ...soon, what: 'the end of the token' });
    expect(await connected(broker.url, { username: 'li', password: token })).toBeNull();
  });

  it('is never made for longer than ten minutes, and not taken where it was', async () => {
    await expect(Tokens.make({ validS: 601 })).rejects.toThrow(RangeError);
    const keys = await generateKeyPair('ES256');
    const tokens = Reflect.construct(Tokens, [keys, 60]) as Tokens;
    const long = await new SignJWT({
      role: 'platform',
      jurisdiction: '',
      acl: { pub: [], sub: [] },
    })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer('gate-platform')
      .setSubject('li')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(keys.privateKey);
    await expect(tokens.verify(long)).rejects.toThrow('too long');
    await expect(tokens.verify(await tokens.sign(person('li')))).resolves.toBeTruthy();
  });

  it('ends its connection when its time is over', async () => {
    const { tokens, broker } = await openRoom(2);
    const client = await connected(broker.url, {
      ...{ username: 'li', password: await tokens.sign(person('li')) },
    });
    await until(() => client?.connected === false, { ...soon, what: 'the end of the connection' });
  });

  it('lets a desk hear and ask its own jurisdiction alone', async () => {
    const { tokens, broker } = await openRoom();
    const password = await tokens.sign(person('wang'));
    const client = await connected(broker.url, { username: 'wang', password });
    const own = topicsOf(terminal);
    const hears = async (filter: string) => {
      const [granted] = (await client?.subscribeAsync(filter, { qos: 1 })) ?? [];
      return (granted?.qos ?? 128) < 128;
    };
    expect(await hears(own.alarm)).toBe(true);
    expect(await hears(`${own.replies('110-district', 'wang').replace(terminal, '+')}x`)).toBe(
      true,
    );
    for (const filter of ['gate/v1/+/alarm', `gate/v1/${terminal}/#`, own.receipt, own.commands])
      expect(await hears(filter).catch(() => false)).toBe(false);
    const says = (topic: string) =>
      client?.publishAsync(topic, '{}', { qos: 1 }).then(
        () => true,
        () => false,
      );
    expect(await says(own.command('110-district', 'wang', 'take'))).toBe(true);
    for (const topic of [
      topicsOf('another').command('110-district', 'wang', 'take'),
      own.command('110-city', 'wang', 'take'),
      own.command('110-district', 'li', 'take'),
      own.receipt,
      own.alarm,
    ])
      expect(await says(topic)).toBe(false);
  });

  it('has room for 300 terminals, and none for what does not fit into a password', async () => {
    const tokens = await Tokens.make();
    const named = (count: number) => ({
      ...person('wang'),
      terminals: Array.from({ length: count }, (_, n) => `hz-xihu-${1000 + n}-east`),
    });
    expect((await tokens.sign(named(300))).length).toBeLessThan(65_535);
    await expect(tokens.sign(named(600))).rejects.toThrow(RangeError);
  });

  it('lets nothing deeper through by EMQX’s matching, which takes # for a word', () => {
    // As apps/emqx/src/emqx_topic.erl matches a filter against a rule.
    const passes = (rule: string[], words: string[]): boolean => {
      const [one, ...rules] = rule;
      const [word, ...rest] = words;
      if (one === '#' && rules.length === 0) return true;
      if (one === undefined || word === undefined) return one === word;
      return (one === '+' || one === word) && passes(rules, rest);
    };
    const deep = ['gate/v1/+/#', `gate/v1/${terminal}/#`, 'gate/v1/#', '#', 'gate/v1/+/reply/#'];
    for (const user of ['li', 'wang'])
      for (const rule of aclOf(person(user)).sub)
        for (const filter of [...deep, `gate/v1/${terminal}/cmd/#`]) {
          expect(passes(rule.split('/'), filter.split('/'))).toBe(false);
          expect(covers(rule, filter)).toBe(false);
        }
  });
});

describe('a desk', () => {
  it('goes on over many tokens: its line is never down, each event is told once', async () => {
    const room = await openRoom(3);
    const { client, lines } = await deskOf(room, 'wang');
    const events: string[] = [];
    client.on('event', ({ id }) => events.push(id));
    const speaker = await connected(room.broker.url, ofTerminal);
    const head = { v: 1, terminal, bootId: 'b', monoMs: 1, wallMs: 1, clock: 'good' };
    const endMs = performance.now() + 4_000;
    const said: string[] = [];
    const saysNext = async () => {
      const event = { ...head, id: `e-${said.length}`, seq: said.length };
      said.push(event.id);
      const payload = JSON.stringify({ ...event, kind: 'fault.cleared', fault: 'dome.lost' });
      await speaker?.publishAsync(topicsOf(terminal).event, payload, { qos: 1 });
      return performance.now() > endMs;
    };
    await until(saysNext, { ...soon, what: 'four seconds of events' });
    await until(() => events.length >= said.length, { ...soon, what: 'the last of them' });
    expect(events).toEqual(said);
    expect(lines).toEqual([true]);
  });

  it('of another district neither hears nor reaches the terminal', async () => {
    const room = await openRoom();
    const { told } = await openTerminal(room.broker.url);
    const { client: east } = await deskOf(room, 'sun');
    const { client: west } = await deskOf(room, 'wang');
    await until(() => west.terminal(terminal)?.online, { ...soon, what: 'the birth' });
    await west.command(terminal, 'status', {});
    await expect(east.command(terminal, 'status', {})).rejects.toThrow();
    expect(east.terminals).toEqual([]);
    expect(told.of('command.received').map(({ user }) => user)).toEqual(['wang']);
  });

  it('of the campus may ask for all at the broker, and is refused by the terminal', async () => {
    const room = await openRoom();
    const { story, told } = await openTerminal(room.broker.url);
    const { client } = await deskOf(room, 'chen');
    await until(() => client.terminal(terminal)?.online, { ...soon, what: 'the birth' });
    const incident = story.of('desk').id;
    const reasonOf = (asked: Promise<unknown>) =>
      asked.then(
        () => 'obeyed',
        (error: unknown) => (error instanceof CommandRefused ? error.reason : String(error)),
      );
    const call = { session: 's-1', kind: 'talk', sdp: 'v=0', incident: null } as const;
    expect(await reasonOf(client.command(terminal, 'session.offer', call))).toBe('not-allowed');
    const floor = { session: 's-1', act: 'take' } as const;
    expect(await reasonOf(client.command(terminal, 'session.floor', floor))).toBe('not-allowed');
    const end = client.command(terminal, 'resolve', { incident, reason: 'handled' });
    expect(await reasonOf(end)).toBe('not-allowed');
    expect(await reasonOf(client.command(terminal, 'seen', { incident }))).toBe('obeyed');
    const campus: Role = 'campus';
    expect(told.of('command.received').map(({ role }) => role)).toEqual(Array(4).fill(campus));
    expect(story.of('desk').resolved).toBeNull();
  });
});
