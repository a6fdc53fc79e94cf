// A thin and bad line between terminal and broker: so many bytes a second, so long on the way, and a packet
// lost now and then, which to TCP is a pause in which nothing behind it arrives either.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { seeded } from '#agent/sim/chance.ts';

export interface ThinOptions {
  readonly bytesPerS: number;
  /** One way. */
  readonly delayMs: number;
  /** Share of packets lost, 0 to 1. */
  readonly loss: number;
  /** What a lost packet costs: TCP's retransmission timer, 200 ms at least on Linux. */
  readonly stallMs: number;
  /** For the dice, so that a run can be repeated. */
  readonly seed: number;
}

const packetBytes = 1_400;
/** What the line holds before TCP's window stops the sender. */
const bufferBytes = 16 * 1_024;

export class ThinLine {
  readonly #target: number;
  readonly #options: ThinOptions;
  readonly #roll: () => number;
  readonly #server = createServer({ noDelay: true }, (near) => this.#accept(near));
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  lost = 0;
  packets = 0;

  constructor(target: number, options: ThinOptions) {
    this.#target = target;
    this.#options = options;
    this.#roll = seeded(options.seed);
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address !== 'object' || !address) throw new Error('no address');
    return `mqtt://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(near: Socket): void {
    const far = connect({ port: this.#target, host: '127.0.0.1', noDelay: true });
    this.#carry(near, far);
    this.#carry(far, near);
  }

  #carry(from: Socket, to: Socket): void {
    const { bytesPerS, delayMs, loss, stallMs } = this.#options;
    /** When the line has sent, and when the far end has, all that was put into it. */
    let [sentMs, arrivedMs, waiting] = [0, 0, 0];
    /** On the way. Two timers of one millisecond may come in any order; what they bring may not. */
    const underway: Buffer[] = [];
    this.#sockets.add(from);
    from.on('error', () => from.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.on('data', (chunk) => {
      for (let at = 0; at < chunk.length; at += packetBytes) {
        const packet = chunk.subarray(at, at + packetBytes);
        const isLost = this.#roll() < loss;
        this.packets += 1;
        if (isLost) this.lost += 1;
        sentMs = Math.max(sentMs, performance.now()) + (packet.length / bytesPerS) * 1_000;
        // In order: what is behind a lost packet waits for it.
        arrivedMs = Math.max(arrivedMs, sentMs + delayMs + (isLost ? stallMs : 0));
        waiting += packet.length;
        if (waiting > bufferBytes) from.pause();
        underway.push(packet);
        this.#at(arrivedMs, () => {
          const first = underway.shift() ?? Buffer.alloc(0);
          waiting -= first.length;
          if (waiting <= bufferBytes) from.resume();
          if (!to.destroyed) to.write(first);
        });
      }
    });
  }

  #at(ms: number, call: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      call();
    }, ms - performance.now());
    this.#timers.add(timer);
  }
}
