// coturn on 127.0.0.1, for one test: one user, nothing else.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IceServer } from '#agent/media/wire.ts';
import { until } from '#test/support/wait.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    setImmediate(() => socket.unref());
  });

export class Turn {
  readonly #transport: 'udp' | 'tcp';
  readonly #denied: readonly string[];
  #child: ChildProcess | null = null;
  #dir = '';
  #port = 0;

  /** `tcp`: it does not listen to UDP at all. `denied`: addresses it relays nothing to or from. */
  constructor(transport: 'udp' | 'tcp', denied: readonly string[] = []) {
    this.#transport = transport;
    this.#denied = denied;
  }

  get port(): number {
    return this.#port;
  }

  get iceServers(): IceServer[] {
    const urls = `turn:127.0.0.1:${this.#port}?transport=${this.#transport}`;
    return [{ urls, username: 'gate', credential: 'turn-password' }];
  }

  async open(): Promise<this> {
    this.#dir = mkdtempSync(join(tmpdir(), 'gate-turn-'));
    this.#port = await freePort();
    const at = (name: string) => join(this.#dir, name);
    const child = spawn(
      'turnserver',
      [
        ...['-n', '--no-cli', '--no-tls', '--no-dtls', '--lt-cred-mech', '--realm', 'test'],
        ...['--user', 'gate:turn-password', '--allow-loopback-peers', '--simple-log'],
        ...['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1'],
        ...['--listening-port', String(this.#port), '--relay-threads', '1'],
        ...['--pidfile', at('pid'), '--userdb', at('db'), '--log-file', at('log')],
        ...(this.#transport === 'tcp' ? ['--no-udp'] : []),
        ...this.#denied.flatMap((address) => ['--denied-peer-ip', address]),
      ],
      { stdio: 'ignore', cwd: this.#dir },
    );
    this.#child = child;
    await until(() => answers(this.#port), { withinMs: 10_000, what: 'coturn' });
    return this;
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
