// An uplink against a broker, its facts collected, everything closed at the end.

import mqtt, { type MqttClient } from 'mqtt';
import { afterEach } from 'vitest';
import { topicsOf } from '#agent/contract.ts';
import type { Fact, FactKind, FactOf } from '#agent/core/fact.ts';
import type { Sink } from '#agent/ports.ts';
import { systemClock, systemIds } from '#agent/system/clock.ts';
import { MqttUplink, type UplinkOptions } from '#agent/uplink/uplink.ts';
import { FakeOutbox } from '#test/fakes/outbox.ts';
import { until, within } from '#test/support/wait.ts';
import { evidence, identity, status, terminal } from './rows.ts';

const cleanups: (() => Promise<unknown>)[] = [];

/** Undone after the test, last first. */
export const atEnd = (cleanup: () => Promise<unknown>): void => {
  cleanups.push(cleanup);
};
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse())
    await within(cleanup(), { withinMs: 10_000, what: 'cleaning up' });
});

export const topics = topicsOf(terminal);

export class Told implements Sink {
  readonly facts: Fact[] = [];

  emit(fact: Fact, stepped?: () => void): void {
    this.facts.push(fact);
    queueMicrotask(() => stepped?.());
  }

  of<K extends FactKind>(kind: K): FactOf<K>[] {
    return this.facts.filter((fact): fact is FactOf<K> => fact.kind === kind);
  }

  fact<K extends FactKind>(kind: K, count = 1, withinMs = 8_000): Promise<FactOf<K>> {
    return until(() => this.of(kind)[count - 1], { withinMs, what: `${kind} (${count})` });
  }

  fault(fault: string, withinMs = 8_000): Promise<FactOf<'fault.raised'>> {
    const found = () => this.of('fault.raised').find((one) => one.fault === fault);
    return until(found, { withinMs, what: fault });
  }

  ids = (kind: 'uplink.acked' | 'uplink.received') => this.of(kind).flatMap(({ ids }) => ids);
}

type Given = Partial<Omit<UplinkOptions, 'broker'>> & { broker?: Partial<UplinkOptions['broker']> };

export interface Rig {
  readonly uplink: MqttUplink;
  readonly told: Told;
  readonly outbox: FakeOutbox;
}

export async function openUplink(url: string, given: Given = {}, outbox = new FakeOutbox()) {
  const uplink = new MqttUplink({
    ...{ terminal, identity, evidence, clock: systemClock(), ids: systemIds },
    receipts: 'platform',
    health: () => ({ uptimeS: 1, rssMb: 1, outboxRows: 0, transactions: 0, faults: [] }),
    retry: { firstMs: 100, maxMs: 200 },
    ...given,
    broker: { url, clientId: terminal, ...given.broker },
  });
  const told = new Told();
  uplink.want(status);
  atEnd(() => uplink.close());
  await uplink.open(told, outbox);
  return { uplink, told, outbox } satisfies Rig;
}

/** Sees everything under `gate/` that is not retained from before. */
export async function observe(url: string, login: mqtt.IClientOptions = {}) {
  const seen: { topic: string; payload: string }[] = [];
  const client: MqttClient = mqtt.connect(url, {
    protocolVersion: 5,
    reconnectPeriod: 50,
    ...login,
  });
  client.on('message', (topic, payload, { retain }) => {
    if (!retain) seen.push({ topic, payload: payload.toString() });
  });
  const subscribed = new Promise<void>((done) => {
    client.once('connect', () => client.subscribe('gate/#', { qos: 1 }, () => done()));
  });
  atEnd(() => client.endAsync(true));
  await within(subscribed, { withinMs: 5_000, what: 'the observer' });
  const on = (topic: string) => seen.flatMap((one) => (one.topic === topic ? [one.payload] : []));
  const wired = (topic: string, count: number, withinMs = 8_000) =>
    until(() => (on(topic).length >= count ? on(topic) : null), {
      ...{ withinMs, what: `${count} messages on ${topic}` },
    });
  return { client, seen, on, wired };
}
