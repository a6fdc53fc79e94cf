// What the terminal of rig.ts lives in: an authority, a broker that asks for certificates, a platform that
// listens, signs and offers.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { topicsOf } from '#agent/contract.ts';
import { makeKey, requestFor } from '#agent/keys/csr.ts';
import { freePort, Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { terminalId } from './rig.ts';
import { type Authority, makeAuthority, type Signed, serverOf } from './support.ts';

export interface Told {
  readonly kind: string;
  readonly request?: string;
  readonly csr?: string;
  readonly untilWallMs?: number;
  readonly fault?: string;
  readonly detail?: string;
}

const topics = topicsOf(terminalId);

export class Town {
  readonly dir: string;
  readonly root: Authority;
  readonly broker: Mosquitto;
  readonly told: Told[] = [];
  readonly alarms: Told[] = [];
  readonly #platform: MqttClient;
  #bootId = '';
  #n = 0;
  readonly #answers = new Map<string, { ok: boolean; reason?: string; detail?: string }>();

  private constructor(dir: string, root: Authority, broker: Mosquitto, platform: MqttClient) {
    this.dir = dir;
    this.root = root;
    this.broker = broker;
    this.#platform = platform;
  }

  static async open(): Promise<Town> {
    const dir = await mkdtemp(join(tmpdir(), 'gate-town-'));
    const root = await makeAuthority(dir);
    const server = await serverOf(dir, root);
    const plain = await freePort();
    const broker = await Mosquitto.start({
      files: { caFile: root.certFile, ...server, clients: true },
      // Beside the line, without a certificate: the platform and whoever tries what it may not.
      config: [`listener ${plain} 127.0.0.1`],
    });
    const platform = mqtt.connect(`mqtt://127.0.0.1:${plain}`, { protocolVersion: 5 });
    const town = new Town(dir, root, broker, platform);
    platform.on('message', (topic, payload) => town.#hear(topic, JSON.parse(`${payload}`)));
    await platform.subscribeAsync('gate/#', { qos: 1 });
    return town;
  }

  async close(): Promise<void> {
    await this.#platform.endAsync(true);
    await this.broker.remove();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** A data directory with a login in it. */
  async home(name: string, signed: Signed, by = this.root): Promise<string> {
    const dir = await mkdtemp(join(this.dir, `${name}-`));
    await this.furnish(dir, signed, by);
    return dir;
  }

  async furnish(dir: string, signed: Signed, by = this.root): Promise<void> {
    const key = makeKey();
    const cert = await by.sign(requestFor(key, terminalId), signed);
    await writeFile(join(dir, 'ca.pem'), this.root.cert);
    await writeFile(join(dir, 'own.key'), key, { mode: 0o600 });
    await writeFile(join(dir, 'own.pem'), cert);
  }

  of(kind: string): Told[] {
    return this.told.filter((one) => one.kind === kind);
  }

  event(kind: string, count = 1): Promise<Told> {
    const found = () => this.of(kind)[count - 1];
    return until(found, { withinMs: 15_000, what: `${kind} (${count})` });
  }

  fault(fault: string): Promise<Told> {
    const found = () => this.of('fault.raised').find((one) => one.fault === fault);
    return until(found, { withinMs: 15_000, what: fault });
  }

  /** The request that is to be answered, as it was told last. */
  async asked(): Promise<{ request: string; csr: string }> {
    await this.event('certificate.request');
    const { request = '', csr = '' } = this.of('certificate.request').at(-1) ?? {};
    return { request, csr };
  }

  /** A command of the platform, and its answer. */
  async offers(args: { request: string; chain: string }, role = 'platform') {
    return this.command('certificate.offer', args, role);
  }

  async command(verb: string, args: object, role = 'platform') {
    await until(() => this.#bootId, { withinMs: 15_000, what: 'birth' });
    const id = `c-${++this.#n}`;
    const head = { v: 1, id, bootId: this.#bootId, issuedMs: Date.now(), lifetimeMs: 30_000 };
    await this.#platform.publishAsync(
      topics.command(role, 'p', verb),
      JSON.stringify({ ...head, ...args }),
      { qos: 1, properties: { responseTopic: `${topics.replies(role, 'p')}x` } },
    );
    // What is too large is not read, its id neither.
    const answer = () => this.#answers.get(id) ?? this.#answers.get('null');
    const said = await until(answer, { withinMs: 30_000, what: `an answer to ${verb}` });
    this.#answers.delete('null');
    return said;
  }

  #hear(topic: string, said: Told & { bootId: string; online?: boolean; id: string; ok: boolean }) {
    if (topic === topics.event) this.told.push(said);
    if (topic === topics.alarm) this.alarms.push(said);
    if (topic === topics.state && said.online) this.#bootId = said.bootId;
    if (topic.includes('/reply/')) this.#answers.set(`${said.id}`, said);
  }
}
