// A bad line to a TURN server over UDP: loss and jitter by a seed, both ways. Each of a client's own ports
// has one of its own here, as behind NAT.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { IceServer } from '#agent/media/wire.ts';
import { seeded } from '#agent/sim/chance.ts';
import type { Turn } from './turn.ts';
import { type LineQuality, sendUnlessClosed } from './udp-line.ts';

export class TurnLine {
  readonly #turn: Turn;
  readonly #quality: LineQuality;
  readonly #chance: () => number;
  readonly #front = createSocket('udp4');
  readonly #ways = new Map<number, Socket>();

  constructor(turn: Turn, quality: LineQuality, seed = 1) {
    this.#turn = turn;
    this.#quality = quality;
    this.#chance = seeded(seed);
  }

  async open(): Promise<void> {
    this.#front.bind(0, '127.0.0.1');
    await once(this.#front, 'listening');
    this.#front.on('message', (packet, { port }) => {
      const way = this.#wayOf(port);
      this.#pass(() => sendUnlessClosed(way, packet, this.#turn.port));
    });
  }

  /** The server by way of this line. */
  get iceServers(): IceServer[] {
    const { port } = this.#front.address();
    return this.#turn.iceServers.map((one) => ({
      ...one,
      urls: one.urls.replace(`:${this.#turn.port}`, `:${port}`),
    }));
  }

  close(): void {
    for (const socket of [this.#front, ...this.#ways.values()]) socket.close();
  }

  #wayOf(port: number): Socket {
    const known = this.#ways.get(port);
    if (known) return known;
    const way = createSocket('udp4');
    way.on('message', (packet) => this.#pass(() => sendUnlessClosed(this.#front, packet, port)));
    this.#ways.set(port, way);
    return way;
  }

  #pass(send: () => void): void {
    if (this.#chance() < this.#quality.loss) return;
    if (this.#quality.jitterMs > 0) setTimeout(send, this.#chance() * this.#quality.jitterMs);
    else send();
  }
}
