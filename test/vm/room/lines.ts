// A unix socket that speaks in lines: QEMU's control (JSON) and the hands inside the guest.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { until } from '#test/support/wait.ts';

export class Lines {
  readonly #socket: Socket;

  private constructor(socket: Socket, take: (line: string) => void) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', take);
    // Whoever waits for an answer has a deadline of its own.
    socket.on('error', () => socket.destroy());
  }

  /** Waits for the socket to be there. */
  static async open(path: string, take: (line: string) => void): Promise<Lines> {
    const socket = await until(() => tryConnect(path), { withinMs: 20_000, what: path });
    return new Lines(socket, take);
  }

  say(line: string): void {
    this.#socket.write(`${line}\n`);
  }

  close(): void {
    this.#socket.destroy();
  }
}

async function tryConnect(path: string): Promise<Socket | null> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    if (error instanceof Error && /ENOENT|ECONNREFUSED/.test(error.message)) return null;
    throw error;
  }
}
