// A line between two peers in a test's hand: loss and jitter by a seed, both ways. Each side is told the
// line's address in place of the other's; other candidates than 127.0.0.1 over UDP do not pass.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { seeded } from '#agent/sim/chance.ts';

export type Side = 'caller' | 'terminal';
const other = { caller: 'terminal', terminal: 'caller' } as const;
const candidateForm = /^(candidate:\S+ \d+ udp \d+) 127\.0\.0\.1 (\d+) (typ host.*)$/i;

export interface LineQuality {
  /** Of 1. */
  readonly loss: number;
  /** Each packet waits between nothing and this, alone: they overtake each other. */
  readonly jitterMs: number;
}

export class UdpLine {
  readonly #quality: LineQuality;
  readonly #chance: () => number;
  /** What the named side has sent to comes in here; its own packets to it go out here. */
  readonly #sockets: { readonly [S in Side]: Socket } = {
    caller: createSocket('udp4'),
    terminal: createSocket('udp4'),
  };
  readonly #ports: { [S in Side]: number } = { caller: 0, terminal: 0 };
  /** Nothing passes while it is cut. */
  isCut = false;
  passed = 0;
  lost = 0;

  constructor(quality: LineQuality, seed = 1) {
    this.#quality = quality;
    this.#chance = seeded(seed);
  }

  async open(): Promise<void> {
    for (const side of ['caller', 'terminal'] as const) {
      const socket = this.#sockets[side];
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      socket.on('message', (packet) => this.#pass(other[side], packet));
    }
  }

  /** The candidate of one side as the other is told it; null: not this way. */
  announce(from: Side, candidate: string): string | null {
    const [, before, port, after] = candidateForm.exec(candidate) ?? [];
    // A caller who does not know yet that all goes one way names an address for each of his lines.
    if (!before || !port || !after || this.#ports[from] !== 0) return null;
    this.#ports[from] = Number(port);
    return `${before} 127.0.0.1 ${this.#sockets[other[from]].address().port} ${after}`;
  }

  close(): void {
    for (const socket of Object.values(this.#sockets)) socket.close();
  }

  #pass(to: Side, packet: Buffer): void {
    const isLost = this.isCut || this.#chance() < this.#quality.loss;
    if (isLost) this.lost++;
    const port = this.#ports[to];
    if (isLost || port === 0) return;
    this.passed++;
    const send = () => sendUnlessClosed(this.#sockets[to], packet, port);
    const { jitterMs } = this.#quality;
    if (jitterMs > 0) setTimeout(send, this.#chance() * jitterMs);
    else send();
  }
}

/** To 127.0.0.1. */
export function sendUnlessClosed(socket: Socket, packet: Buffer, port: number): void {
  try {
    socket.send(packet, port, '127.0.0.1');
  } catch (error) {
    // Closed while the packet was under way.
    const isClosed =
      error instanceof Error && 'code' in error && error.code === 'ERR_SOCKET_DGRAM_NOT_RUNNING';
    if (!isClosed) throw error;
  }
}
