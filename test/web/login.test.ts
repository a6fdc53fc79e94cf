// Logins end to end: the login address of the rehearsal room over HTTP, its tokens at its broker, the client
// of the contract with them, and a terminal's uplink that obeys no more than its own table of rights.

import { generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { aclOf, covers, topicsOf } from '#agent/contract.ts';
import type { Role } from '#agent/core/command.ts';
import { Tokens } from '#agent/sim/login/tokens.ts';
import { CommandRefused } from '#agent/web/client/commands.ts';
import { until } from '#test/support/wait.ts';
import { terminal } from '#test/uplink/rows.ts';
import {
  browser,
  connected,
  deskOf,
  ofTerminal,
  openRoom,
  openTerminal,
  person,
  soon,
} from './login-room.ts';

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
    expect(broker.whyRefused).toContain('signature');
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
    expect(broker.whyRefused).toContain('exp');
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
