// The platform of the benchmark: takes what the terminal publishes and sends receipts, in batches,
// with bare MQTT, so that it is in nobody's way. Keeps nothing.

import { topicsOf } from '#agent/contract.ts';
import { Peer } from './mqtt-bytes.ts';

export interface Heard {
  readonly id: string;
  readonly kind: string;
  readonly input?: string;
  readonly incident?: string;
}

export interface PlatformSetup {
  readonly port: number;
  readonly terminal: string;
  /** Called with each alarm at its receipt; events are only counted. */
  readonly alarm: (message: Heard, payload: Buffer, arrivedMs: number) => void;
  /** From the arrival of a message to its receipt, unless `receiptIds` come first. */
  readonly receiptMs: number;
  readonly receiptIds: number;
}

export class Platform {
  /** Events taken so far, and when the first came. CLOCK_MONOTONIC, milliseconds. */
  events = 0;
  /** Of those, each id once; receipts that went out. */
  readonly eventIds = new Set<string>();
  receipts = 0;
  firstEventMs = 0;
  readonly #setup: PlatformSetup;
  readonly #topics: ReturnType<typeof topicsOf>;
  #peer: Peer | null = null;
  #ids: string[] = [];
  #timer: NodeJS.Timeout | null = null;

  private constructor(setup: PlatformSetup) {
    this.#setup = setup;
    this.#topics = topicsOf(setup.terminal);
  }

  static async open(setup: PlatformSetup): Promise<Platform> {
    const platform = new Platform(setup);
    await platform.connect();
    return platform;
  }

  /** Again, after the broker was away. */
  async connect(): Promise<void> {
    this.close();
    const received = ({ topic, payload }: { topic: string; payload: Buffer }) =>
      this.#take(topic, payload);
    this.#peer = await Peer.open(this.#setup.port, 'bench-platform', ['gate/v1/#'], received);
  }

  /** As `platform/bench`; the answer is not awaited. */
  command(verb: string, payload: object): void {
    const bytes = Buffer.from(JSON.stringify(payload));
    this.#peer?.publish(this.#topics.command('platform', 'bench', verb), bytes);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#ids = [];
    this.#peer?.close();
    this.#peer = null;
  }

  #take(topic: string, payload: Buffer): void {
    const { alarm, event } = this.#topics;
    if (topic === alarm) {
      const arrivedMs = Number(process.hrtime.bigint()) / 1e6;
      setTimeout(() => this.#alarm(payload, arrivedMs), this.#setup.receiptMs);
    } else if (topic === event) {
      if (this.events++ === 0) this.firstEventMs = Number(process.hrtime.bigint()) / 1e6;
      const id = idOf(payload);
      this.eventIds.add(id);
      this.#receipt(id);
    }
  }

  #alarm(payload: Buffer, arrivedMs: number): void {
    const message: Heard = JSON.parse(payload.toString());
    this.#setup.alarm(message, payload, arrivedMs);
    const ids = Buffer.from(JSON.stringify({ v: 1, ids: [message.id] }));
    this.#peer?.publish(this.#topics.receipt, ids);
  }

  #receipt(id: string): void {
    this.#ids.push(id);
    if (this.#ids.length >= this.#setup.receiptIds) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#setup.receiptMs);
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const ids = this.#ids.splice(0);
    const payload = Buffer.from(JSON.stringify({ v: 1, ids }));
    if (ids.length === 0) return;
    this.#peer?.publish(this.#topics.receipt, payload);
    this.receipts += 1;
  }
}

/** Of a message that the contract writes, where `id` comes second: reading all of it takes longer. */
function idOf(payload: Buffer): string {
  const [, id] = /^\{"v":1,"id":"([^"]+)"/.exec(payload.toString('latin1', 0, 200)) ?? [];
  return id ?? JSON.parse(payload.toString()).id;
}
