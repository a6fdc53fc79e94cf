// What stands outside the PC: broker with TLS, platform, dome and button box, all on this host. The
// guest reaches this host's loopback as 10.0.2.2.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlarmMessage } from '#agent/contract.ts';
import { SimBox } from '#agent/sim/box.ts';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { LampReader } from '#agent/sim/lamp-reader.ts';
import { Platform } from '#agent/sim/platform.ts';
import { contractIdentity } from '#test/support/identity.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';

export const terminalId = 'room-1';
export const hostAddress = '10.0.2.2';
const domePassword = 'dome-of-the-room';
/** Where the guest's share is mounted. */
const profile = '/etc/gate-agent/dome.yaml';

type Raised = Extract<AlarmMessage, { kind: 'alarm.raised' }>;

export const boxInputs = ['desk', 'knee', 'hall', 'yard'] as const;
export type BoxInput = (typeof boxInputs)[number];

export class Outside {
  /** The guest can mount this folder. */
  readonly share: string;
  readonly broker: Mosquitto;
  readonly platform: Platform;
  readonly dome: SimDome;
  readonly box: SimBox;
  readonly #reader = new LampReader();
  readonly #told = new Set<string>();

  private constructor(parts: Pick<Outside, 'share' | 'broker' | 'platform' | 'dome' | 'box'>) {
    this.share = parts.share;
    this.broker = parts.broker;
    this.platform = parts.platform;
    this.dome = parts.dome;
    this.box = parts.box;
  }

  static async open(dir: string): Promise<Outside> {
    const share = join(dir, 'share');
    mkdirSync(share, { recursive: true });
    const broker = await Mosquitto.start({ tls: true });
    if (!broker.certs) throw new Error('this broker has no certificates');
    const login = { ca: broker.certs.ca, ...(await broker.certs.client('platform')) };
    const file = join(dir, 'platform.jsonl');
    const platform = new Platform({ broker: broker.url, file, ...login });
    await platform.open();
    const dome = await startDome({ password: domePassword, advertisedHost: hostAddress });
    const box = new SimBox({ dir, inputs: boxInputs.length });
    await box.open();
    const terminal = await broker.certs.client('terminal');
    const files = {
      'ca.pem': broker.certs.ca,
      'terminal.pem': terminal.cert,
      'terminal.key': terminal.key,
      'dome-password': domePassword,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(share, name), text);
    return new Outside({ share, broker, platform, dome, box });
  }

  async close(): Promise<void> {
    await this.platform.close();
    await this.box.close();
    await this.dome.close();
    await this.broker.remove();
    rmSync(this.share, { recursive: true, force: true });
  }

  /** The configuration of a terminal in this room, with what a case adds or replaces. */
  config(more: { readonly [field: string]: unknown } = {}): string {
    const inputs = boxInputs.map((id, n) => [n + 1, { id, name: `按钮 ${id}`, kind: 'emergency' }]);
    return JSON.stringify({
      terminal: { id: terminalId },
      identity: contractIdentity,
      data: { capMb: 16 },
      broker: {
        url: `mqtts://${hostAddress}:${this.broker.port}`,
        ...{ ca: 'ca.pem', cert: 'terminal.pem', key: 'terminal.key' },
      },
      boxes: [{ id: 'desk', path: '/dev/ttyS1', inputs: Object.fromEntries(inputs) }],
      dome: {
        url: this.dome.url.replace('127.0.0.1', hostAddress),
        username: 'admin',
        ...{ passwordFile: 'dome-password', profile },
      },
      ...more,
    });
  }

  press(input: BoxInput): void {
    this.box.press(boxInputs.indexOf(input) + 1);
  }

  async release(input: BoxInput): Promise<void> {
    this.box.release(boxInputs.indexOf(input) + 1);
    await this.box.quiet(boxInputs.indexOf(input) + 1);
  }

  /** What the box's lamp says now. */
  get word(): string {
    return this.#reader.read(this.box.lamp).word;
  }

  /** What it has said since `from`, an index of the box's history. */
  wordsSince(from: number): string[] {
    return this.box.history.slice(from).map(({ lamp }) => this.#reader.read(lamp).word);
  }

  get raised(): Raised[] {
    return [...this.platform.alarms.values()].filter((alarm) => alarm.kind === 'alarm.raised');
  }

  /** Incidents whose end the platform has not seen. */
  get open(): string[] {
    const ended = new Set(
      [...this.platform.alarms.values()].flatMap((alarm) =>
        alarm.kind === 'incident.resolved' ? alarm.incident : [],
      ),
    );
    const all = this.raised.map(({ incident }) => incident);
    return all.filter((id) => !ended.has(id) && !this.#told.has(id));
  }

  /** Cases that were told and never stored (rule 2), and then the power went: the platform alone has them. */
  toldOnly(ids: readonly string[]): void {
    for (const id of ids) this.#told.add(id);
  }

  /** The dispatcher ends every open incident, and sees it done. */
  async resolveAll(): Promise<void> {
    for (const incident of this.open)
      await this.platform.desk.resolve(terminalId, incident, { reason: 'handled' });
    await until(() => this.open.length === 0, { withinMs: 180_000, what: 'no open incident' });
  }
}
