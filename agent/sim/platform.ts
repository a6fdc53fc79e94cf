// A small platform: stores what the terminals tell, then sends receipts; knows alarms and states;
// sends commands. With `as` it is a dispatcher of another role, who stores nothing and sends none.
// It speaks only the published contract and imports nothing of the drivers it is there to test.

import { setTimeout as pause } from 'node:timers/promises';
import type { IPublishPacket } from 'mqtt';
import type { z } from 'zod';
import {
  alarmMessage,
  eventMessage,
  healthMessage,
  limits,
  stateMessage,
  topicsOf,
} from '../contract.ts';
import { Desk } from './platform/desk.ts';
import { Ledger } from './platform/ledger.ts';
import { Link, type Tap } from './platform/link.ts';

export interface PlatformOptions {
  readonly broker: string;
  /** Where messages are kept; needed unless `as` is given. */
  readonly file?: string;
  readonly as?: { readonly role: string; readonly user: string };
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly clientId?: string;
  readonly tap?: Tap;
}

export type What = 'alarm' | 'event' | 'telemetry' | 'state' | 'health';

export interface Seen {
  readonly atMs: number;
  readonly topic: string;
  readonly what: What;
  readonly message: unknown;
  /** Had been seen before, with the same bytes. */
  readonly again: boolean;
}

export interface Violation {
  readonly topic: string;
  readonly reason: string;
  readonly payload: string;
}

const receiptEveryMs = 20;
const receiptIds = 200;
const logMax = 250_000;
const schemas: { readonly [W in What]: z.ZodType | null } = {
  alarm: alarmMessage,
  event: eventMessage,
  telemetry: null,
  state: stateMessage,
  health: healthMessage,
};
const whats = Object.keys(schemas);
const isWhat = (word: string | undefined): word is What => whats.includes(word ?? '');

export class Platform {
  /** Receipts are kept back while true, and sent when it is false again. */
  holdReceipts = false;
  receiptDelayMs = 0;
  /** Everything that arrived, in order. */
  readonly log: Seen[] = [];
  readonly violations: Violation[] = [];
  readonly states = new Map<string, z.infer<typeof stateMessage>>();
  /** Alarm messages by id, each once. */
  readonly alarms = new Map<string, z.infer<typeof alarmMessage>>();
  readonly desk: Desk;
  readonly #ledger: Ledger | null;
  readonly #link: Link;
  readonly #listeners = new Set<(seen: Seen) => void>();
  /** Ids without a receipt, by terminal. */
  #due = new Map<string, Set<string>>();
  #dueCount = 0;
  /** Stored, receipt held back or without a link. */
  #kept = new Map<string, Set<string>>();
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> | null = null;

  constructor(options: PlatformOptions) {
    const { broker, file, as, clientId, username, password, ca, cert, key, tap } = options;
    const { role, user } = as ?? { role: 'platform', user: 'platform' };
    this.#ledger = file && !as ? new Ledger(file) : null;
    this.#link = new Link({
      ...{ broker, username, password, ca, cert, key },
      clientId: clientId ?? `${role}-${user}`,
      persistent: !as,
      subscribe: [
        ...(as ? ['alarm', 'state'] : whats).map((what) => `gate/v1/+/${what}`),
        `gate/v1/+/reply/${role}/${user}/#`,
      ],
      message: (packet) => this.#receive(packet),
      tap,
      up: () => {
        if (!this.holdReceipts) this.releaseReceipts();
      },
    });
    this.desk = new Desk({
      ...{ role, user },
      bootIdOf: (terminal) => this.states.get(terminal)?.bootId ?? null,
      publish: (topic, payload, opts) => this.#link.publish(topic, payload, opts),
    });
  }

  async open(): Promise<void> {
    for (const { topic, message, id } of (await this.#ledger?.open()) ?? []) {
      const alarm = alarmMessage.safeParse(message);
      if (topic.endsWith('/alarm') && alarm.success) this.alarms.set(id, alarm.data);
    }
    await this.#link.open();
  }

  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#flushing;
    await this.#link.close();
    await this.#ledger?.close();
  }

  /** Calls back for each message; returns the end of it. */
  watch(listener: (seen: Seen) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get stored(): number {
    return this.#ledger?.size ?? 0;
  }

  /** Sends receipts for what was kept back by `holdReceipts`. */
  releaseReceipts(): void {
    this.holdReceipts = false;
    const kept = this.#kept;
    this.#kept = new Map();
    for (const [terminal, ids] of kept) this.#tell(terminal, [...ids]);
  }

  #receive(packet: IPublishPacket): void {
    const { topic } = packet;
    const payload =
      typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const [, , terminal = '', what] = topic.split('/');
    const json = this.#json(topic, payload);
    if (json === undefined) return;
    if (what === 'reply') return this.desk.answer(json, packet.properties?.correlationData);
    if (!isWhat(what)) return;
    const parsed = schemas[what]?.safeParse(json);
    if (parsed && !parsed.success) this.#violation(topic, parsed.error.message, payload);
    const message = parsed?.success ? parsed.data : json;
    const again = this.#keep(terminal, what, topic, message, payload);
    const seen: Seen = { atMs: Date.now(), topic, what, message, again };
    if (this.log.length < logMax) this.log.push(seen);
    for (const listener of this.#listeners) listener(seen);
  }

  /** Takes a message over; true where it was known. */
  #keep(terminal: string, what: What, topic: string, message: unknown, payload: Buffer): boolean {
    if (what === 'state') {
      const state = stateMessage.safeParse(message);
      if (state.success) this.states.set(terminal, state.data);
      return false;
    }
    if (what === 'health') return false;
    const alarm = what === 'alarm' ? alarmMessage.safeParse(message) : null;
    const id = idOf(message);
    if (!id) return false;
    if (alarm?.success) this.alarms.set(id, alarm.data);
    const known = this.#ledger?.add({ atMs: Date.now(), topic, id }, payload);
    if (known === 'other-bytes') this.#violation(topic, `other bytes under id ${id}`, payload);
    if (this.#ledger) this.#owe(terminal, id);
    return known !== undefined && known !== 'new';
  }

  #owe(terminal: string, id: string): void {
    const ids = this.#due.get(terminal) ?? new Set();
    this.#due.set(terminal, ids.add(id));
    this.#dueCount += 1;
    this.#later(this.#dueCount >= receiptIds ? 0 : receiptEveryMs);
  }

  #later(delayMs: number): void {
    if (this.#flushing) return;
    if (delayMs === 0) {
      if (this.#timer) clearTimeout(this.#timer);
      this.#timer = null;
      this.#flush();
    } else {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        if (!this.#flushing) this.#flush();
      }, delayMs);
    }
  }

  /** On disk first, receipts then; what arrives meanwhile is the next batch. */
  #flush(): void {
    const due = this.#due;
    this.#due = new Map();
    this.#dueCount = 0;
    this.#flushing = this.#storeAndTell(due).finally(() => {
      this.#flushing = null;
      if (this.#dueCount > 0) this.#later(this.#dueCount >= receiptIds ? 0 : receiptEveryMs);
    });
  }

  async #storeAndTell(due: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    await this.#ledger?.flush();
    if (this.receiptDelayMs > 0) await pause(this.receiptDelayMs);
    for (const [terminal, ids] of due) this.#tell(terminal, [...ids]);
  }

  #tell(terminal: string, ids: readonly string[]): void {
    const topic = topicsOf(terminal).receipt;
    for (let from = 0; from < ids.length; from += limits.receiptIdsMax) {
      const some = ids.slice(from, from + limits.receiptIdsMax);
      const payload = JSON.stringify({ v: 1, ids: some });
      if (!this.holdReceipts && this.#link.publish(topic, payload, { qos: 1 })) continue;
      const kept = this.#kept.get(terminal) ?? new Set();
      for (const id of some) kept.add(id);
      this.#kept.set(terminal, kept);
    }
  }

  #json(topic: string, payload: Buffer): unknown {
    // An empty retained message clears the topic: nothing was said.
    if (payload.length === 0) return undefined;
    try {
      return JSON.parse(payload.toString());
    } catch (error) {
      this.#violation(topic, error instanceof Error ? error.message : 'not JSON', payload);
      return undefined;
    }
  }

  #violation(topic: string, reason: string, payload: Buffer): void {
    this.violations.push({ topic, reason, payload: payload.toString().slice(0, 2000) });
  }
}

const idOf = (message: unknown): string | null =>
  typeof message === 'object' &&
  message !== null &&
  'id' in message &&
  typeof message.id === 'string'
    ? message.id
    : null;
