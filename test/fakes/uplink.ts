// An uplink without a network: a test says when the link is up, what the broker acknowledges and
// what the platform sends. Keeps the port's promises: alarms first and in order, birth behind
// waiting alarms, unsettled rows again at each connect, the same bytes.

import type { IPublishPacket } from 'mqtt';
import { topicsOf } from '#agent/contract.ts';
import type { Lane, Notice, Reply } from '#agent/core/message.ts';
import type { TerminalStatus } from '#agent/core/target.ts';
import type { Outbox, OutboxRow, Sink, Uplink } from '#agent/ports.ts';
import { readInbound } from '#agent/uplink/inbound.ts';

const lanes: readonly Lane[] = ['alarm', 'event', 'telemetry'];
const pageRows = 500;

export interface OnWire {
  readonly topic: string;
  readonly payload: string;
}

export class FakeUplink implements Uplink {
  readonly terminal: string;
  readonly receipts: 'platform' | 'none';
  /** What went over the line, in order. */
  readonly wire: OnWire[] = [];
  readonly replies: Reply[] = [];
  readonly notices: Notice['notice'][] = [];
  repliesDropped = 0;
  status: TerminalStatus | null = null;
  /** The broker acknowledges at once. */
  acks = true;
  /** The platform sends a receipt at once. */
  sendsReceipts = false;
  online = false;
  #sink: Sink | null = null;
  #outbox: Outbox | null = null;
  #held = new Map<string, OutboxRow>();
  #done = new Set<string>();
  /** Published on this connection. */
  #sent = new Set<string>();
  #born = '';

  constructor(terminal = 'gate-1', receipts: 'platform' | 'none' = 'platform') {
    this.terminal = terminal;
    this.receipts = receipts;
  }

  async open(sink: Sink, outbox: Outbox): Promise<void> {
    this.#sink = sink;
    this.#outbox = outbox;
  }

  /** The link comes up; resolves when everything waiting has gone out. */
  async connect(): Promise<void> {
    this.online = true;
    this.#sent.clear();
    this.#born = '';
    this.#sink?.emit({ kind: 'uplink.online', broker: 'mqtt://fake' });
    for (const lane of lanes) {
      const rows = await this.#read(lane);
      const held = [...this.#held.values()].filter((row) => row.lane === lane);
      const all = new Map([...rows, ...held].map((row) => [row.id, row]));
      for (const row of [...all.values()].sort((a, b) => a.seq - b.seq)) this.#publish(row);
      this.#birth();
    }
  }

  disconnect(reason = 'cable pulled'): void {
    if (!this.online) return;
    this.online = false;
    this.#sink?.emit({ kind: 'uplink.offline', reason });
  }

  /** Ids published on this connection and not settled. */
  get unsettled(): string[] {
    return [...this.#sent].filter((id) => !this.#done.has(id));
  }

  ack(ids: readonly string[]): void {
    this.#sink?.emit({ kind: 'uplink.acked', ids });
  }

  receipt(ids: readonly string[]): void {
    this.#sink?.emit({ kind: 'uplink.received', ids });
  }

  /** A message from the broker, as MQTT.js hands it over. */
  receive(packet: IPublishPacket, stepped?: () => void): void {
    if (!this.online) return;
    const read = readInbound(this.terminal, packet);
    if (read.kind === 'command') this.#sink?.emit(read.fact, stepped);
    if (read.kind === 'receipt')
      this.#sink?.emit({ kind: 'uplink.received', ids: read.ids }, stepped);
  }

  /** There is nothing to make ready here. */
  prepare(): void {
    return;
  }

  offer(rows: readonly OutboxRow[], durable: boolean): void {
    for (const row of rows) {
      if (!durable || this.online) this.#held.set(row.id, row);
      if (this.online) this.#publish(row);
    }
  }

  settled(ids: readonly string[]): void {
    for (const id of ids) {
      this.#held.delete(id);
      this.#done.add(id);
    }
  }

  reply(word: Reply | Notice): void {
    if (!this.online) {
      this.repliesDropped += 1;
      return;
    }
    if ('answer' in word) this.replies.push(word);
    else this.notices.push(word.notice);
    const said = 'answer' in word ? word.answer : word.notice;
    this.wire.push({ topic: word.topic, payload: JSON.stringify({ v: 1, ...said }) });
  }

  want(status: TerminalStatus): void {
    this.status = status;
    if (this.online) this.#birth();
  }

  async close(): Promise<void> {
    if (this.online) this.#state({ online: false });
    this.online = false;
  }

  async #read(lane: Lane): Promise<OutboxRow[]> {
    const rows: OutboxRow[] = [];
    for (;;) {
      const page = (await this.#outbox?.page(lane, rows.at(-1)?.seq ?? -1, pageRows)) ?? [];
      rows.push(...page);
      if (page.length < pageRows) return rows;
    }
  }

  #publish(row: OutboxRow): void {
    if (this.#sent.has(row.id) || this.#done.has(row.id)) return;
    this.#sent.add(row.id);
    this.wire.push({ topic: topicsOf(this.terminal)[row.lane], payload: row.payload });
    if (this.acks) this.ack([row.id]);
    if (this.sendsReceipts) this.receipt([row.id]);
  }

  #birth(): void {
    const birth = JSON.stringify(this.status);
    if (!this.status || birth === this.#born) return;
    this.#born = birth;
    this.#state({ online: true, ...this.status });
  }

  #state(state: object): void {
    const payload = JSON.stringify({ v: 1, terminal: this.terminal, ...state });
    this.wire.push({ topic: topicsOf(this.terminal).state, payload });
  }
}
