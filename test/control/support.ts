// A control socket in a directory of its own, and a client that sends whatever bytes it likes.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ControlOptions, ControlServer } from '#agent/control.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until, within } from '#test/support/wait.ts';

export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gate-control-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export async function openServer(
  verbs: ControlOptions['verbs'],
  options: Partial<ControlOptions> = {},
): Promise<{ path: string; server: ControlServer; errors: Error[] }> {
  const path = options.path ?? join(makeDirectory(), 'control.sock');
  const errors: Error[] = [];
  const failed = (error: Error) => void errors.push(error);
  const server = new ControlServer({ clock: systemClock(), failed, verbs, ...options, path });
  onTestFinished(() => server.close());
  await server.open();
  return { path, server, errors };
}

/** One connection: bytes out, lines in. */
export class RawClient {
  readonly socket: Socket;
  isClosed = false;
  #text = '';
  #taken = 0;

  constructor(path: string) {
    this.socket = connect(path);
    onTestFinished(() => void this.socket.destroy());
    this.socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString();
    });
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    // EPIPE and ECONNRESET are how a connection that the server drops ends: see `isClosed`.
    this.socket.on('error', () => this.socket.destroy());
  }

  async connected(): Promise<this> {
    if (this.socket.connecting)
      await within(once(this.socket, 'connect'), { withinMs: 5000, what: 'a connection' });
    return this;
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** The next answer. */
  async answer(): Promise<{ readonly [key: string]: unknown }> {
    const line = await until(() => this.#text.split('\n').slice(0, -1)[this.#taken], {
      withinMs: 5000,
      what: 'an answer',
    });
    this.#taken += 1;
    return JSON.parse(line);
  }

  async closed(): Promise<void> {
    await until(() => this.isClosed, { withinMs: 5000, what: 'the server to drop the client' });
  }
}
