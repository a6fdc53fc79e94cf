// A broker that speaks only MQTT 3.1.1: mosquitto behind a door of ours, which answers whoever knocks
// with MQTT 5 as such brokers do: with the code of 3.1.1, with that of 5, or by closing the connection.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Refusal = 'code of 3.1.1' | 'code of 5' | 'closed';

const answers: { readonly [R in Refusal]: Buffer | null } = {
  'code of 3.1.1': Buffer.from([0x20, 2, 0, 1]),
  'code of 5': Buffer.from([0x20, 3, 0, 0x84, 0]),
  closed: null,
};

/** Protocol level of a CONNECT: behind the fixed header, two bytes of length and `MQTT`. */
function levelOf(connectPacket: Buffer): number | undefined {
  let at = 1;
  while (((connectPacket[at] ?? 0) & 0x80) !== 0) at += 1;
  return connectPacket[at + 1 + 2 + 4];
}

export class OldBroker {
  readonly #server = createServer((near) => this.#accept(near));
  readonly #sockets = new Set<Socket>();
  readonly #target: number;
  /** null: it has been updated, and speaks 5. */
  refusal: Refusal | null;
  /** Protocol levels of the CONNECTs so far. */
  readonly levels: number[] = [];

  constructor(target: number, refusal: Refusal) {
    this.#target = target;
    this.refusal = refusal;
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address !== 'object' || !address) throw new Error('no address');
    return `mqtt://127.0.0.1:${address.port}`;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  #accept(near: Socket): void {
    this.#keep(near);
    near.once('data', (first) => {
      const level = levelOf(first) ?? 0;
      this.levels.push(level);
      if (level === 5 && this.refusal) {
        const answer = answers[this.refusal];
        if (answer) near.end(answer);
        else near.destroy();
        return;
      }
      const far = connect({ port: this.#target, host: '127.0.0.1', noDelay: true });
      this.#keep(far);
      far.write(first);
      near.pipe(far).pipe(near);
      far.once('close', () => near.destroy());
      near.once('close', () => far.destroy());
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
