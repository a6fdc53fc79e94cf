// A bad line in front of a UDP server: packets are lost by a seed, both ways.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { seeded } from '#agent/sim/chance.ts';

export class LossyLine {
  readonly #to: number;
  readonly #loss: number;
  readonly #chance: () => number;
  readonly #front = createSocket('udp4');
  /** A way of its own for each who comes, so that the server can tell them apart. */
  readonly #ways = new Map<string, Socket>();
  passed = 0;
  lost = 0;

  /** `loss` of 1. */
  constructor(to: number, loss: number, seed = 1) {
    this.#to = to;
    this.#loss = loss;
    this.#chance = seeded(seed);
  }

  get port(): number {
    return this.#front.address().port;
  }

  async open(): Promise<void> {
    const server = { address: '127.0.0.1', port: this.#to };
    this.#front.on('message', (packet, from) => this.#pass(this.#way(from), packet, server));
    this.#front.bind(0, '127.0.0.1');
    await once(this.#front, 'listening');
  }

  close(): void {
    for (const socket of [this.#front, ...this.#ways.values()]) socket.close();
  }

  #way(from: Pick<AddressInfo, 'address' | 'port'>): Socket {
    const name = `${from.address} ${from.port}`;
    const known = this.#ways.get(name);
    if (known) return known;
    const way = createSocket('udp4');
    way.on('message', (packet) => this.#pass(this.#front, packet, from));
    this.#ways.set(name, way);
    return way;
  }

  #pass(by: Socket, packet: Buffer, to: Pick<AddressInfo, 'address' | 'port'>): void {
    if (this.#chance() < this.#loss) {
      this.lost += 1;
      return;
    }
    this.passed += 1;
    by.send(packet, to.port, to.address);
  }
}
