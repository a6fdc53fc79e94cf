// The wire between terminal and broker, held in a test's hand: cut, held in one direction, listened to.
// What is held when its connection ends is lost, as in a router that loses its power.

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { PacketReader, packetType, type WirePacket } from './packets.ts';

/** `up`: from the terminal to the broker. */
export type Direction = 'up' | 'down';

export interface Passed extends WirePacket {
  readonly direction: Direction;
  readonly connection: number;
  /** Its place among all that passed. */
  readonly at: number;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  readonly held: { readonly [D in Direction]: Buffer[] };
}

export class Relay {
  /** Packets that went through to the other side, in order; what was held is not among them. */
  readonly passed: Passed[] = [];
  readonly #targetPort: number;
  readonly #pairs = new Set<Pair>();
  readonly #holds = new Set<Direction>();
  #server: Server | null = null;
  #connections = 0;
  /** While false a connection is refused at once. */
  isOpen = true;

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
  }

  async listen(): Promise<void> {
    const server = createServer({ noDelay: true }, (near) => this.#join(near));
    this.#server = server;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    this.cut();
    await closed;
  }

  get port(): number {
    const address = this.#server?.address();
    if (typeof address !== 'object' || !address) throw new Error('the relay does not listen');
    return address.port;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  hold(direction: Direction): void {
    this.#holds.add(direction);
  }

  /** What is still held goes on; what belonged to a connection that has ended is lost. */
  release(): void {
    const directions = [...this.#holds];
    this.#holds.clear();
    for (const pair of this.#pairs)
      for (const direction of directions)
        for (const chunk of pair.held[direction].splice(0)) this.#end(pair, direction).write(chunk);
  }

  /** Breaks every connection. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  /** PUBLISH packets towards the broker whose payload holds `text`. */
  published(text: string): Passed[] {
    return this.passed.filter(
      ({ direction, type, payload }) =>
        direction === 'up' && type === packetType.publish && payload.includes(text),
    );
  }

  /** Whether the broker's PUBACK for one of these came through. Packet ids are used again. */
  acknowledged(published: readonly Passed[]): boolean {
    return published.some(({ connection, packetId, at }) =>
      this.passed
        .slice(at + 1)
        .some(
          (one) =>
            one.type === packetType.puback &&
            one.direction === 'down' &&
            one.connection === connection &&
            one.packetId === packetId,
        ),
    );
  }

  #end({ near, far }: Pair, direction: Direction): Socket {
    return direction === 'up' ? far : near;
  }

  #join(near: Socket): void {
    if (!this.isOpen) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true });
    const pair: Pair = { near, far, held: { up: [], down: [] } };
    this.#pairs.add(pair);
    const connection = ++this.#connections;
    this.#pump(pair, 'up', connection);
    this.#pump(pair, 'down', connection);
  }

  #pump(pair: Pair, direction: Direction, connection: number): void {
    const [from, to] = direction === 'up' ? [pair.near, pair.far] : [pair.far, pair.near];
    const reader = new PacketReader();
    from.on('data', (chunk) => {
      if (this.#holds.has(direction)) {
        pair.held[direction].push(chunk);
        return;
      }
      for (const packet of reader.read(chunk))
        this.passed.push({ ...packet, direction, connection, at: this.passed.length });
      to.write(chunk);
    });
    // Either end's error is the end of both; it is told by `close`.
    from.on('error', () => to.destroy());
    from.on('close', () => {
      to.destroy();
      this.#pairs.delete(pair);
    });
  }
}
