// A broker of MQTT 5 that does what a test wants of it: refuses the login, acknowledges nothing, or with
// any reason code. Reads as much of the protocol as that takes, and shares no code with the client.

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

const types = { connect: 1, publish: 3, subscribe: 8, pingreq: 12 } as const;

interface Packet {
  readonly type: number;
  readonly qos: number;
  readonly body: Buffer;
}

/** Cuts the packets out of a stream. */
function* packetsOf(bytes: Buffer): Generator<Packet & { readonly end: number }> {
  for (let at = 0; at < bytes.length; ) {
    let [length, next, shift] = [0, at + 1, 0];
    for (let more = true; more; next += 1, shift += 7) {
      const byte = bytes[next];
      if (byte === undefined) return;
      length |= (byte & 127) << shift;
      more = byte >= 128;
    }
    const end = next + length;
    if (end > bytes.length) return;
    const head = bytes[at] ?? 0;
    yield { type: head >> 4, qos: (head >> 1) & 3, body: bytes.subarray(next, end), end };
    at = end;
  }
}

export class OddBroker {
  /** Reason code of each CONNACK. */
  connack = 0;
  /** Reason code of each PUBACK; null: none is sent. */
  puback: (payload: string) => number | null = () => 0;
  readonly payloads: string[] = [];
  readonly connectsMs: number[] = [];
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address !== 'object' || !address) throw new Error('no address');
    return `mqtt://127.0.0.1:${address.port}`;
  }

  /** DISCONNECT to everybody, with this reason code. */
  disconnect(code: number): void {
    for (const socket of this.#sockets) socket.end(Buffer.from([0xe0, 2, code, 0]));
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      let end = 0;
      for (const packet of packetsOf(rest)) {
        end = packet.end;
        this.#answer(socket, packet);
      }
      rest = rest.subarray(end);
    });
  }

  #answer(socket: Socket, { type, qos, body }: Packet): void {
    if (type === types.connect) {
      this.connectsMs.push(performance.now());
      socket.write(Buffer.from([0x20, 3, 0, this.connack, 0]));
      if (this.connack !== 0) socket.end();
    }
    if (type === types.pingreq) socket.write(Buffer.from([0xd0, 0]));
    // Packet id, no properties, both topics granted with QoS 1.
    if (type === types.subscribe) {
      const id = [...body.subarray(0, 2)];
      socket.write(Buffer.from([0x90, 5, ...id, 0, 1, 1]));
    }
    if (type !== types.publish || qos !== 1) return;
    const topicEnd = 2 + body.readUInt16BE(0);
    const payload = body.toString('utf8', topicEnd + 2);
    this.payloads.push(payload.slice(payload.indexOf('{')));
    const code = this.puback(payload);
    const id = [...body.subarray(topicEnd, topicEnd + 2)];
    if (code !== null) socket.write(Buffer.from([0x40, 4, ...id, code, 0]));
  }
}
