// A relay that looks on: bytes that went by, when a connection began, and a cut. Delays nothing.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Between } from './rig.ts';

export class Wire implements Between {
  /** TCP payload so far, both ways. */
  bytesUp = 0;
  bytesDown = 0;
  /** When the latest connection was taken. CLOCK_MONOTONIC, milliseconds. */
  acceptedMs = 0;
  readonly #targetPort: number;
  readonly #server = createServer({ noDelay: true }, (near) => this.#accept(near));
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
  }

  static async open(targetPort: number): Promise<Wire> {
    const wire = new Wire(targetPort);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    const address = wire.#server.address();
    if (typeof address !== 'object' || !address) throw new Error('no port');
    wire.#port = address.port;
    return wire;
  }

  get port(): number {
    return this.#port;
  }

  /** Ends what is connected, as a router does that has lost its table: by a reset. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  #accept(near: Socket): void {
    this.acceptedMs = Number(process.hrtime.bigint()) / 1e6;
    const far = connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true });
    this.#carry(near, far, (bytes) => {
      this.bytesUp += bytes;
    });
    this.#carry(far, near, (bytes) => {
      this.bytesDown += bytes;
    });
  }

  #carry(from: Socket, to: Socket, count: (bytes: number) => void): void {
    this.#sockets.add(from);
    from.on('data', (chunk) => {
      count(chunk.length);
      to.write(chunk);
    });
    from.on('error', () => from.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
