// https in front of a server that speaks http: a dome with a certificate of its own.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';

export class TlsFront {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** `key`, `cert`: PEM. */
  constructor(port: number, { key, cert }: { readonly key: string; readonly cert: string }) {
    this.#server = createServer({ key, cert }, (client) => {
      const behind = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [client, behind],
        [behind, client],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => this.#sockets.delete(from));
        from.pipe(to);
      }
    });
    // Who does not trust it breaks off in the handshake.
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
  }

  /** The port. */
  async open(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
