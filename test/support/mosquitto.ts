// A real broker for tests: mosquitto as a child, its own port, configuration and directory.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certs, makeCerts } from './certs.ts';
import { until, within } from './wait.ts';

export interface MosquittoOptions {
  /** TLS with client certificates; their common name is the user. */
  readonly tls?: boolean;
  /** TLS with these files; a client certificate is asked for where `clients` says so. */
  readonly files?: {
    readonly caFile: string;
    readonly certFile: string;
    readonly keyFile: string;
    readonly clients: boolean;
  };
  /** Lines of an ACL file; see `gateAcl`. */
  readonly acl?: string;
  /** Further lines of the configuration. */
  readonly config?: readonly string[];
}

/** The rules a city's broker would have, for users `terminal`, `platform` and role/user pairs. */
export const gateAcl = (people: readonly { role: string; user: string }[] = []): string =>
  [
    'user terminal',
    ...['state', 'alarm', 'event', 'telemetry', 'health', 'reply/#'].map(
      (topic) => `topic write gate/v1/+/${topic}`,
    ),
    'topic read gate/v1/+/cmd/#',
    'topic read gate/v1/+/receipt',
    'user platform',
    'topic read gate/v1/#',
    'topic write gate/v1/+/receipt',
    'topic write gate/v1/+/cmd/platform/#',
    ...people.flatMap(({ role, user }) => [
      `user ${user}`,
      `topic write gate/v1/+/cmd/${role}/${user}/+`,
      `topic read gate/v1/+/reply/${role}/${user}/#`,
      'topic read gate/v1/+/alarm',
      'topic read gate/v1/+/state',
    ]),
    '',
  ].join('\n');

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}

export class Mosquitto {
  readonly port: number;
  readonly dir: string;
  readonly certs: Certs | null;
  /** How often it was ended by SIGKILL. */
  kills = 0;
  #child: ChildProcess | null = null;
  #log = '';

  private constructor(port: number, dir: string, certs: Certs | null) {
    this.port = port;
    this.dir = dir;
    this.certs = certs;
  }

  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const dir = await mkdtemp(join(tmpdir(), 'gate-mosquitto-'));
    const certs = options.tls ? await makeCerts(dir) : null;
    const broker = new Mosquitto(await freePort(), dir, certs);
    const { acl, config = [], files } = options;
    if (acl) await writeFile(join(dir, 'acl'), acl);
    const lines = [
      `listener ${broker.port} 127.0.0.1`,
      // As root it would change to a user who cannot read this directory.
      'user root',
      'allow_anonymous true',
      'persistence false',
      'log_type error',
      'log_type warning',
      ...(certs
        ? [
            `cafile ${certs.caFile}`,
            `certfile ${certs.server.certFile}`,
            `keyfile ${certs.server.keyFile}`,
            'require_certificate true',
            'use_identity_as_username true',
          ]
        : []),
      ...(files
        ? [
            `cafile ${files.caFile}`,
            `certfile ${files.certFile}`,
            `keyfile ${files.keyFile}`,
            `require_certificate ${files.clients}`,
          ]
        : []),
      ...(acl ? [`acl_file ${join(dir, 'acl')}`] : []),
      ...config,
      '',
    ];
    await writeFile(join(dir, 'mosquitto.conf'), lines.join('\n'));
    await broker.up();
    return broker;
  }

  get url(): string {
    return `${this.certs ? 'mqtts' : 'mqtt'}://127.0.0.1:${this.port}`;
  }

  get running(): boolean {
    return this.#child !== null;
  }

  /** Starts it (again) on its port. */
  async up(): Promise<void> {
    const child = spawn('mosquitto', ['-c', join(this.dir, 'mosquitto.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    child.stderr?.on('data', (chunk) => {
      this.#log += chunk;
    });
    await until(
      () => {
        if (child.exitCode !== null) throw new Error(`mosquitto ended: ${this.#log}`);
        return listens(this.port);
      },
      { withinMs: 5_000, what: `mosquitto on port ${this.port}` },
    );
  }

  /** Ends it, as an operator would or (SIGKILL) as a power cut would. */
  async down(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    if (signal === 'SIGKILL') this.kills++;
    await within(exit, { withinMs: 5_000, what: 'the end of mosquitto' });
  }

  /** Reads its configuration and ACL again; connections stay. */
  reload(): void {
    this.#child?.kill('SIGHUP');
  }

  /** Holds it: connections stay open and nothing answers. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    this.thaw();
    await this.down('SIGKILL');
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** Whether somebody listens there. */
export const listens = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    const end = (open: boolean) => () => {
      socket.destroy();
      done(open);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
