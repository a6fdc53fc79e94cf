// A TCP line between uplink and broker that a test can cut, mend and stop, and that counts how many
// PUBLISH packets of QoS 1 are without their PUBACK.

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const publish = 3;
const puback = 4;

/** Reads MQTT packets out of a byte stream: type, flags and length are all that is looked at. */
class Packets {
  #rest = Buffer.alloc(0);

  read(chunk: Buffer): { type: number; qos: number; bytes: number }[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const packets = [];
    for (;;) {
      const [first] = this.#rest;
      let [length, at, shift] = [0, 1, 0];
      for (; ; at += 1, shift += 7) {
        const byte = this.#rest[at];
        if (first === undefined || byte === undefined) return packets;
        length |= (byte & 127) << shift;
        if (byte < 128) break;
      }
      const bytes = at + 1 + length;
      if (this.#rest.length < bytes) return packets;
      packets.push({ type: first >> 4, qos: (first >> 1) & 3, bytes });
      this.#rest = this.#rest.subarray(bytes);
    }
  }
}

export class Line {
  readonly #target: number;
  readonly #server: Server;
  readonly #lines = new Set<Socket>();
  #open = true;
  #stopped = false;
  inFlight = 0;
  inFlightMax = 0;
  bytesInFlightMax = 0;
  publishes = 0;
  connects = 0;

  readonly #counts: boolean;

  /** `counts`: what passes is plain MQTT, and its packets are counted. */
  constructor(target: number, counts = true) {
    this.#target = target;
    this.#counts = counts;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address !== 'object' || !address) throw new Error('no address');
    return address.port;
  }

  /** Breaks every connection and lets no new one through. */
  cut(): void {
    this.#open = false;
    for (const socket of this.#lines) socket.destroy();
  }

  mend(): void {
    this.#open = true;
    this.#stopped = false;
  }

  /** Half-open: connections stay and nothing passes any more. */
  stall(): void {
    this.#stopped = true;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(near: Socket): void {
    this.connects += 1;
    if (!this.#open) {
      near.destroy();
      return;
    }
    this.inFlight = 0;
    const far = connect(this.#target, '127.0.0.1');
    const [up, down] = [new Packets(), new Packets()];
    const sizes: number[] = [];
    this.#join(near, far, (chunk) => {
      for (const { type, qos, bytes } of up.read(chunk)) {
        if (type !== publish) continue;
        this.publishes += 1;
        if (qos !== 1) continue;
        sizes.push(bytes);
        this.inFlight += 1;
        this.inFlightMax = Math.max(this.inFlightMax, this.inFlight);
        const inFlightBytes = sizes.reduce((sum, size) => sum + size, 0);
        if (sizes.length > 1)
          this.bytesInFlightMax = Math.max(this.bytesInFlightMax, inFlightBytes);
      }
    });
    this.#join(far, near, (chunk) => {
      for (const { type } of down.read(chunk)) {
        if (type !== puback) continue;
        sizes.shift();
        this.inFlight -= 1;
      }
    });
  }

  #join(from: Socket, to: Socket, look: (chunk: Buffer) => void): void {
    this.#lines.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      if (this.#stopped) return;
      if (this.#counts) look(chunk);
      to.write(chunk);
    });
    from.on('error', () => from.destroy());
    from.on('close', () => {
      this.#lines.delete(from);
      to.destroy();
    });
  }
}
