// config/broker’s example as a real mosquitto runs it: what each login says and hears is tried topic by
// topic, by what another client gets, and must be exactly what the contract gives to that login.

import { execFile } from 'node:child_process';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf, covers, type Login, roles, topicsOf } from '#agent/contract.ts';
import { type Certs, makeCerts } from '#test/support/certs.ts';
import { freePort, listens, Mosquitto } from '#test/support/mosquitto.ts';
import { until, within } from '#test/support/wait.ts';

const run = promisify(execFile);
const examples = join(import.meta.dirname, '../../config/broker');
const soon = { withinMs: 10_000 };
const [own, other] = ['hz-xihu-0012-east', 'hz-xihu-0013-west'];
const password = 'made for this test';
const logins: readonly (Login & { readonly name: string })[] = [
  { name: own, kind: 'terminal', terminal: own },
  { name: other, kind: 'terminal', terminal: other },
  { name: 'platform', kind: 'platform', user: 'platform' },
  { name: 'li', kind: 'person', role: '110-city', user: 'li', terminals: null },
  { name: 'wang', kind: 'person', role: '110-district', user: 'wang', terminals: [own] },
];

/** Topics as they are published. */
const topics = [own, other].flatMap((terminal) => {
  const { state, alarm, event, telemetry, health, receipt, command, replies } = topicsOf(terminal);
  const people = [
    ...roles.flatMap((role) => ['li', 'wang'].map((user) => [role, user] as const)),
    ['platform', 'platform'] as const,
  ];
  return [
    ...[state, alarm, event, telemetry, health, receipt],
    ...people.flatMap(([role, user]) => [
      command(role, user, 'take'),
      `${replies(role, user)}take`,
    ]),
  ];
});

let broker: Mosquitto;
let certs: Certs;
let ports: { certificate: number; people: number };
const clients: MqttClient[] = [];

/** The example, on ports and in a directory of this test, with a door of the test's own beside it. */
async function startExample(): Promise<void> {
  broker = await Mosquitto.start();
  await broker.down();
  const { dir } = broker;
  certs = await makeCerts(dir);
  ports = { certificate: await freePort(), people: await freePort() };
  await copyFile(certs.server.certFile, join(dir, 'server.pem'));
  await copyFile(certs.server.keyFile, join(dir, 'server.key'));
  for (const file of ['terminals.acl', 'people.acl'])
    await copyFile(join(examples, file), join(dir, file));
  const passwords = join(dir, 'people.passwd');
  await writeFile(passwords, '', { mode: 0o600 });
  for (const user of ['li', 'wang'])
    await run('mosquitto_passwd', ['-b', passwords, user, password], { timeout: 10_000 });
  const example = await readFile(join(examples, 'mosquitto.conf'), 'utf8');
  const here = example
    .replaceAll('/etc/mosquitto/gate', dir)
    .replace('listener 8883', `listener ${ports.certificate} 127.0.0.1`)
    .replace('listener 8084', `listener ${ports.people} 127.0.0.1`)
    .replace('persistence true', 'persistence false\nuser root')
    .concat(`\nlistener ${broker.port} 127.0.0.1\nallow_anonymous true\n`);
  await writeFile(join(dir, 'mosquitto.conf'), here);
  await broker.up();
  await until(() => listens(ports.people), { ...soon, what: 'the door of people' });
}

beforeAll(startExample, 60_000);
afterAll(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  await broker.remove();
  await rm(broker.dir, { recursive: true, force: true });
});

async function open(url: string, options: IClientOptions): Promise<MqttClient> {
  const client = connect(url, { protocolVersion: 5, reconnectPeriod: 0, ...options });
  clients.push(client);
  const came = new Promise<void>((done, failed) => {
    client.once('connect', () => done());
    client.once('error', failed);
    client.once('close', () => failed(new Error('closed')));
  });
  await within(came, { ...soon, what: `a connection to ${url}` });
  return client;
}

const ofCertificate = async (name: string, from = certs) =>
  open(`mqtts://localhost:${ports.certificate}`, { ca: certs.ca, ...(await from.client(name)) });
const ofPassword = (username: string, secret = password) =>
  open(`wss://localhost:${ports.people}`, { ca: certs.ca, username, password: secret });
const ofTest = () => open(broker.url, {});
const enter = ({ kind, name }: (typeof logins)[number]) =>
  kind === 'person' ? ofPassword(name) : ofCertificate(name);

/** What comes to a client on these filters; `last` is told apart by what it says. */
async function gathering(client: MqttClient, filters: readonly string[]) {
  const got: string[] = [];
  client.on('message', (topic, payload) => {
    got.push(payload.toString() === 'last' ? 'last' : topic);
  });
  await client.subscribeAsync([...filters], { qos: 1 });
  return {
    topics: async () => {
      await until(() => got.includes('last'), { ...soon, what: 'the last message' });
      return [...new Set(got)].filter((topic) => topic !== 'last').sort();
    },
  };
}

describe('the example for mosquitto', { timeout: 60_000 }, () => {
  it.each(logins)('lets $name say what the contract gives, and nothing else', async (login) => {
    const client = await enter(login);
    const hears = await ofTest();
    const heard = await gathering(hears, ['gate/#', 'mark']);
    for (const topic of topics)
      await client.publishAsync(topic, 'x', { qos: 1 }).catch((error: Error) => {
        expect(error.message).toContain('Not authorized');
      });
    await hears.publishAsync('mark', 'last', { qos: 1 });
    const may = topics.filter((topic) =>
      accessOf(login).publish.some((rule) => covers(rule, topic)),
    );
    expect(may.length).toBeGreaterThan(0);
    expect(await heard.topics()).toEqual(may.sort());
  });

  it.each(logins)('lets $name hear what the contract gives, and nothing else', async (login) => {
    const client = await enter(login);
    const { subscribe } = accessOf(login);
    // What is refused at once, and what is not delivered, come to the same.
    const heard = await gathering(client, subscribe);
    await client.subscribeAsync(['gate/#', 'gate/v1/+/#'], { qos: 1 }).catch((error: Error) => {
      expect(error.message).toContain('Not authorized');
    });
    const says = await ofTest();
    for (const topic of topics) await says.publishAsync(topic, 'x', { qos: 1 });
    const may = topics.filter((topic) => subscribe.some((rule) => covers(rule, topic)));
    await says.publishAsync(may[0] ?? '', 'last', { qos: 1 });
    expect(await heard.topics()).toEqual(may.sort());
  });

  it('lets nobody in without a certificate of its authority or the right password', async () => {
    const foreign = await makeCerts(broker.dir, 'foreign');
    await expect(ofCertificate(own, foreign)).rejects.toThrow();
    await expect(
      open(`mqtts://localhost:${ports.certificate}`, { ca: certs.ca }),
    ).rejects.toThrow();
    await expect(ofPassword('li', 'wrong')).rejects.toThrow(/[Nn]ot authorized|closed/);
    await expect(open(`wss://localhost:${ports.people}`, { ca: certs.ca })).rejects.toThrow();
  });
});
