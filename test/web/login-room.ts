// The rehearsal room's login address and broker, browsers with a jar of cookies, desks, and a terminal whose
// uplink is real and whose commands are judged by the real core.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { expect } from 'vitest';
import type { Person } from '#agent/contract.ts';
import { startBroker } from '#agent/sim/broker.ts';
import { LoginServer } from '#agent/sim/login/login.ts';
import { Tokens } from '#agent/sim/login/tokens.ts';
import { GateClient } from '#agent/web/client/client.ts';
import { Login } from '#agent/web/client/login.ts';
import { Story } from '#test/core/story.ts';
import { until, within } from '#test/support/wait.ts';
import { atEnd, openUplink } from '#test/uplink/rig.ts';
import { terminal } from '#test/uplink/rows.ts';

export const soon = { withinMs: 10_000 };
const people: readonly Person[] = [
  { user: 'li', role: '110-city', jurisdiction: 'city', terminals: null },
  { user: 'wang', role: '110-district', jurisdiction: 'west', terminals: [terminal] },
  { user: 'sun', role: '110-district', jurisdiction: 'east', terminals: ['another'] },
  { user: 'chen', role: 'campus', jurisdiction: 'west', terminals: [terminal] },
];
export const person = (user: string): Person => {
  const found = people.find((one) => one.user === user);
  if (!found) throw new Error(user);
  return found;
};
export const ofTerminal = { username: 't', password: 'terminal’s own' };

export async function openRoom(validS?: number) {
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
export function browser(url: string) {
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

export async function loggedIn(room: Awaited<ReturnType<typeof openRoom>>, user: string) {
  const login = browser(room.url).load();
  expect(await login.enter(user, room.desks.passwords.get(user) ?? '')).toBe('in');
  return login;
}

/** A desk on the library of the contract. */
export async function deskOf(room: Awaited<ReturnType<typeof openRoom>>, user: string) {
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
export async function connected(url: string, login: IClientOptions): Promise<MqttClient | null> {
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
export async function openTerminal(url: string) {
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
