// A door in front of the broker that lets whole packets of MQTT through, and on demand does what bad brokers
// and bad routers do: refuses a PUBLISH with a reason code, takes it in and says nothing, or lets
// the connections of now go dead without a word, while new ones work.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const publish = 3;

interface Packet {
  readonly bytes: Buffer;
  readonly type: number;
  readonly qos: number;
  readonly body: Buffer;
}

/** Cuts a stream into packets; what is behind the last whole one stays for the next time. */
class Cutter {
  #rest: Buffer = Buffer.alloc(0);

  cut(chunk: Buffer): Packet[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const packets: Packet[] = [];
    for (;;) {
      let [length, at, shift] = [0, 1, 0];
      for (let more = true; more; at += 1, shift += 7) {
        const byte = this.#rest[at];
        if (byte === undefined) return packets;
        length |= (byte & 127) << shift;
        more = byte >= 128;
      }
      const end = at + length;
      if (end > this.#rest.length) return packets;
      const head = this.#rest[0] ?? 0;
      const [bytes, body] = [this.#rest.subarray(0, end), this.#rest.subarray(at, end)];
      packets.push({ bytes, type: head >> 4, qos: (head >> 1) & 3, body });
      this.#rest = this.#rest.subarray(end);
    }
  }
}

export class Door {
  /** For each PUBLISH of QoS 1 from the terminal: a reason code to refuse it with, `silent` to keep it
   * for ever, null to let it through. */
  verdict: (topic: string) => number | 'silent' | null = () => null;
  readonly #target: number;
  readonly #server = createServer({ noDelay: true }, (near) => this.#accept(near));
  readonly #sockets = new Set<Socket>();
  readonly #dead = new WeakSet<Socket>();
  /** PUBLISH packets that did not go through. */
  refused = 0;

  constructor(target: number) {
    this.#target = target;
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address !== 'object' || !address) throw new Error('no address');
    return `mqtt://127.0.0.1:${address.port}`;
  }

  /** What is connected now stays connected, and nothing passes any more. */
  deaden(): void {
    for (const socket of this.#sockets) this.#dead.add(socket);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(near: Socket): void {
    const far = connect({ port: this.#target, host: '127.0.0.1', noDelay: true });
    this.#join(near, far, (packet) => {
      if (this.#passes(near, packet)) far.write(packet.bytes);
    });
    this.#join(far, near, ({ bytes }) => near.write(bytes));
  }

  #join(from: Socket, to: Socket, take: (packet: Packet) => void): void {
    const cutter = new Cutter();
    this.#sockets.add(from);
    from.on('data', (chunk) => {
      if (!this.#dead.has(from)) for (const packet of cutter.cut(chunk)) take(packet);
    });
    from.on('error', () => from.destroy());
    from.once('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  #passes(near: Socket, { type, qos, body }: Packet): boolean {
    if (type !== publish || qos !== 1) return true;
    const topicEnd = 2 + body.readUInt16BE(0);
    const verdict = this.verdict(body.toString('utf8', 2, topicEnd));
    if (verdict === null) return true;
    this.refused += 1;
    const id = [...body.subarray(topicEnd, topicEnd + 2)];
    if (verdict !== 'silent') near.write(Buffer.from([0x40, 4, ...id, verdict, 0]));
    return false;
  }
}
