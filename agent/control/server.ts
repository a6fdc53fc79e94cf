// The daemon's end of control.sock: 0660, 16 clients, 64 kB a line. Verbs come from the caller; a
// verb that fails is told to the caller and to the client, and ends nothing.

import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Clock } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { serveClient } from './connection.ts';
import { controlLimits } from './wire.ts';

/** Does what the verb says and gives back what JSON can hold. May throw a `Refusal`. */
export type VerbCall = (args: { readonly [name: string]: unknown }) => unknown;

export interface ControlOptions {
  /** Absolute; 96 characters at most. */
  readonly path: string;
  readonly verbs: { readonly [verb: string]: VerbCall };
  readonly clock: Clock;
  /** A verb or the socket failed: to be told as a fault. Without it the client alone is told of a
   * verb, and a failing socket ends the process. */
  readonly failed?: (error: Error) => void;
}

export class ControlServer {
  readonly #options: ControlOptions;
  readonly #clients = new Set<Socket>();
  #server: Server | null = null;
  #inode: number | null = null;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  /** Throws a `Refusal` where the directory is unsafe, or another daemon answers on the path. */
  async open(): Promise<void> {
    const { path } = this.#options;
    checkDirectory(dirname(path));
    await clearStale(path);
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#welcome(socket));
    // Under a name nobody knows until its mode is right: the mode of a bind is the umask's.
    const fresh = `${path}.${process.pid}`;
    rmSync(fresh, { force: true });
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(fresh, () => {
        server.off('error', fail);
        done();
      });
    });
    const { failed } = this.#options;
    if (failed) server.on('error', failed);
    chmodSync(fresh, 0o660);
    renameSync(fresh, path);
    this.#inode = statSync(path).ino;
    this.#server = server;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const { path } = this.#options;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    // A daemon started meanwhile owns the name by now.
    if (stat && stat.ino === this.#inode) rmSync(path, { force: true });
    const closed = new Promise<void>((done) => server.close(() => done()));
    for (const socket of this.#clients) socket.destroy();
    await closed;
  }

  #welcome(socket: Socket): void {
    const isFull = this.#clients.size >= controlLimits.clientsMax;
    if (isFull) {
      socket.on('error', () => socket.destroy());
      const error = { reason: 'busy', detail: `${controlLimits.clientsMax} clients at most` };
      socket.end(`${JSON.stringify({ id: null, ok: false, error })}\n`, () => socket.destroy());
      return;
    }
    this.#clients.add(socket);
    socket.once('close', () => this.#clients.delete(socket));
    serveClient(socket, this.#options);
  }
}

/** Only a directory in which nobody else can put a socket of the same name. */
function checkDirectory(directory: string): void {
  const refused = (hint: string) =>
    new Refusal([{ field: 'control.socket', value: directory, hint }], 'control socket');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o750 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refused(`its directory cannot be made: ${why}`);
  }
  const stat = statSync(directory);
  if (!stat.isDirectory()) throw refused('its directory is no directory');
  const isSticky = (stat.mode & 0o1000) !== 0;
  if ((stat.mode & 0o002) !== 0 && !isSticky) {
    throw refused('its directory may be written by every user: chmod o-w');
  }
  if (stat.uid !== 0 && stat.uid !== process.getuid?.()) {
    throw refused("its directory belongs to neither root nor the agent's user");
  }
}

/** Removes a socket that nobody answers on. */
async function clearStale(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  const refused = (hint: string) =>
    new Refusal([{ field: 'control.socket', value: path, hint }], 'control socket');
  if (!stat.isSocket()) throw refused('something that is no socket has this name');
  const answers = await new Promise<boolean>((done) => {
    const socket = connect(path);
    socket.once('connect', () => done(true));
    // Full backlog or no right to connect: somebody is there.
    socket.once('error', (error) => done(!('code' in error && error.code === 'ECONNREFUSED')));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
  if (answers) throw refused('another gate-agent answers on it');
  rmSync(path, { force: true });
}
