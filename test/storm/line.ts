// Network, broker and platform: what was published, acknowledged, stored and receipted. The platform
// keeps the first bytes it got under an id and complains of any others.

import type { IPublishPacket } from 'mqtt';
import { topicsOf } from '#agent/contract.ts';
import type { Reply } from '#agent/core/message.ts';
import type { FakeUplink } from '#test/fakes/uplink.ts';
import type { Books } from './books.ts';
import type { Sent } from './commands.ts';

/** As the uplink does: a PUBACK that does not come in 3 s ends the connection. */
const pubackWithinMs = 3_000;
const keepaliveMs = 30_000;

export interface Arrived {
  readonly id: string;
  readonly topic: string;
  readonly payload: string;
}

export class Line {
  network: 'up' | 'down' | 'half-open' = 'down';
  acksGiven = true;
  receipts: 'sent' | 'held' | 'lost' = 'sent';
  /** Since when what is published arrives; null while it does not. */
  upSinceMs: number | null = null;
  /** In order of first arrival. */
  readonly platform = new Map<string, Arrived>();
  readonly acked = new Set<string>();
  readonly receipted = new Set<string>();
  readonly #terminal: string;
  readonly #books: Books;
  readonly #breach: (what: string) => void;
  readonly #sendsReceipts: boolean;
  readonly #nowMs: () => number;
  #uplink: FakeUplink | null = null;
  #cursor = 0;
  #owing = new Set<string>();
  #late: Sent[] = [];
  /** Since when the uplink waits in vain, true time. */
  #vainSinceMs: number | null = null;
  #retriedMs = Number.NEGATIVE_INFINITY;

  constructor(options: {
    readonly terminal: string;
    readonly books: Books;
    readonly breach: (what: string) => void;
    readonly sendsReceipts: boolean;
    readonly nowMs: () => number;
  }) {
    this.#terminal = options.terminal;
    this.#books = options.books;
    this.#breach = options.breach;
    this.#sendsReceipts = options.sendsReceipts;
    this.#nowMs = options.nowMs;
  }

  /** A new process, which connects where it can. */
  async started(uplink: FakeUplink): Promise<void> {
    this.#uplink = uplink;
    this.#cursor = 0;
    this.#vainSinceMs = null;
    if (this.network === 'up') await this.#connect();
  }

  died(): void {
    this.#uplink = null;
    this.upSinceMs = null;
  }

  get online(): boolean {
    return this.network === 'up' && this.#uplink?.online === true;
  }

  async link(to: Line['network']): Promise<void> {
    if (this.network === to) return;
    this.network = to;
    this.upSinceMs = null;
    if (to === 'down') this.#uplink?.disconnect();
    if (to !== 'up') return;
    this.#uplink?.disconnect('the connection was half-open');
    await this.#connect();
  }

  /** Sends whatever receipts are due. */
  receiptsBecome(how: Line['receipts'] | 'again'): void {
    if (how !== 'again') this.receipts = how;
    else for (const id of this.platform.keys()) this.#owing.add(id);
    this.#payReceipts();
  }

  /** Hands over what was published since the last call; false where there was nothing. */
  pump(): boolean {
    const uplink = this.#uplink;
    if (!uplink || this.#cursor === uplink.wire.length) return false;
    for (; this.#cursor < uplink.wire.length; this.#cursor++) {
      const { topic, payload } = uplink.wire[this.#cursor] ?? { topic: '', payload: '' };
      if (topic === topicsOf(this.#terminal).alarm || topic === topicsOf(this.#terminal).event)
        this.#published(uplink, topic, payload);
    }
    this.#payReceipts();
    return true;
  }

  /** The uplink gives up a connection on which nothing is acknowledged, and tries again. */
  async tick(nowMs: number): Promise<void> {
    const uplink = this.#uplink;
    const inVain = this.network === 'half-open' || !this.acksGiven;
    if (!uplink?.online || !inVain) {
      this.#vainSinceMs = null;
      return;
    }
    this.#vainSinceMs ??= nowMs;
    const waitsMs = uplink.unsettled.some((id) => !this.acked.has(id))
      ? pubackWithinMs
      : keepaliveMs;
    if (nowMs - this.#vainSinceMs < waitsMs || nowMs - this.#retriedMs < 2 * pubackWithinMs) return;
    this.#vainSinceMs = null;
    this.#retriedMs = nowMs;
    this.upSinceMs = null;
    uplink.disconnect('the broker does not acknowledge');
    if (this.network === 'up') await this.#connect();
  }

  /** True when the terminal has it now. */
  deliver(packet: IPublishPacket): boolean {
    if (!this.online) return false;
    this.#uplink?.receive(packet);
    return true;
  }

  /** The broker keeps it for the next connection. */
  deliverLater(sent: Sent): void {
    this.#late.push(sent);
  }

  takeLate(): Sent[] {
    return this.online ? this.#late.splice(0) : [];
  }

  get replies(): readonly Reply[] {
    return this.#uplink?.replies ?? [];
  }

  async #connect(): Promise<void> {
    this.#vainSinceMs = null;
    const uplink = this.#uplink;
    if (!uplink) return;
    uplink.acks = false;
    await uplink.connect();
    this.upSinceMs = this.#nowMs();
  }

  #published(uplink: FakeUplink, topic: string, payload: string): void {
    const { id }: { id: string } = JSON.parse(payload);
    if (!this.#books.told.has(id)) this.#breach(`${id} was published before it was committed`);
    if (this.network !== 'up') return;
    const before = this.platform.get(id);
    if (before && before.payload !== payload) this.#breach(`other bytes under the id ${id}`);
    if (!before) this.platform.set(id, { id, topic, payload });
    if (this.#sendsReceipts && this.receipts !== 'lost') this.#owing.add(id);
    if (!this.acksGiven) return;
    this.acked.add(id);
    uplink.ack([id]);
  }

  #payReceipts(): void {
    const ids = [...this.#owing];
    if (!this.#sendsReceipts || this.receipts !== 'sent' || !this.online || ids.length === 0)
      return;
    this.#owing.clear();
    for (const id of ids) this.receipted.add(id);
    const topic = topicsOf(this.#terminal).receipt;
    const payload = JSON.stringify({ v: 1, ids });
    this.deliver({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false });
  }
}
