// What every uplink promises: run on the fake and on MQTT at a real broker, plain and with TLS.

import { afterEach, describe, expect, it } from 'vitest';
import { topicsOf } from '#agent/contract.ts';
import type { Fact, FactKind, FactOf } from '#agent/core/fact.ts';
import type { OutboxRow, Uplink } from '#agent/ports.ts';
import { FakeOutbox } from '#test/fakes/outbox.ts';
import { until } from '#test/support/wait.ts';
import { idOf, row, rowsOf, status, terminal } from '#test/uplink/rows.ts';

export interface Inbound {
  readonly retain?: boolean;
  readonly responseTopic?: string;
  readonly correlation?: string;
}

/** An uplink and the far end of its line. */
export interface UplinkRig {
  readonly uplink: Uplink;
  /** What an observer at the broker has seen, in order, without what was retained before. */
  wire(): readonly { readonly topic: string; readonly payload: string }[];
  /** The platform or a dispatcher publishes. */
  send(topic: string, payload: string, inbound?: Inbound): Promise<void>;
  /** The link goes, or comes back. Also before the first connect. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export type MakeRig = (receipts?: 'platform' | 'none') => Promise<UplinkRig>;

const topics = topicsOf(terminal);
const soon = { withinMs: 8_000 };

class Bench {
  readonly facts: Fact[] = [];
  readonly outbox: FakeOutbox;
  readonly rig: UplinkRig;

  constructor(rig: UplinkRig, rows: readonly OutboxRow[] = []) {
    this.rig = rig;
    this.outbox = new FakeOutbox(rows);
  }

  open(): Promise<void> {
    this.rig.uplink.want(status);
    return this.rig.uplink.open(
      {
        emit: (fact, stepped) => {
          this.facts.push(fact);
          queueMicrotask(() => stepped?.());
        },
      },
      this.outbox,
    );
  }

  of<K extends FactKind>(kind: K): FactOf<K>[] {
    return this.facts.filter((fact): fact is FactOf<K> => fact.kind === kind);
  }

  fact<K extends FactKind>(kind: K, count = 1): Promise<FactOf<K>> {
    const found = () => this.of(kind)[count - 1];
    return until(found, { ...soon, what: `${kind} (${count})` });
  }

  acked = () => this.of('uplink.acked').flatMap(({ ids }) => ids);
  received = () => this.of('uplink.received').flatMap(({ ids }) => ids);
  onWire = () => this.rig.wire().map(({ topic }) => topic.slice('gate/v1/gate-1/'.length));
  payloads = (topic: string) =>
    this.rig.wire().flatMap((one) => (one.topic === topic ? [one.payload] : []));

  wired(topic: string, count: number): Promise<string[]> {
    const enough = () => (this.payloads(topic).length >= count ? this.payloads(topic) : null);
    return until(enough, { ...soon, what: `${count} messages on ${topic}` });
  }

  receipt(ids: readonly string[]): Promise<void> {
    return this.rig.send(topics.receipt, JSON.stringify({ v: 1, ids }));
  }
}

const command = (more: object = {}) =>
  JSON.stringify({ v: 1, id: 'c1', bootId: 'b', issuedMs: 1, lifetimeMs: 30_000, ...more });

export function uplinkSuite(name: string, makeRig: MakeRig): void {
  describe(`uplink: ${name}`, () => {
    const benches: Bench[] = [];
    afterEach(async () => {
      for (const { rig } of benches.splice(0)) {
        await rig.uplink.close();
        await rig.close();
      }
    });
    const bench = async (rows: readonly OutboxRow[] = [], receipts?: 'platform' | 'none') => {
      const made = new Bench(await makeRig(receipts), rows);
      benches.push(made);
      return made;
    };

    it('publishes a fresh alarm, tells its PUBACK and its receipt', async () => {
      const b = await bench();
      await b.open();
      await b.fact('uplink.online');
      const alarm = row('alarm', 1);
      b.rig.uplink.offer([alarm], true);
      expect(await b.wired(topics.alarm, 1)).toEqual([alarm.payload]);
      await until(() => b.acked().includes(alarm.id), { ...soon, what: 'the PUBACK' });
      await b.receipt([alarm.id]);
      await b.fact('uplink.received');
      expect(b.received()).toEqual([alarm.id]);
    });

    it('sends what waits in the outbox: alarms in order, birth behind them, then the rest', async () => {
      const b = await bench([
        ...rowsOf('event', 1, 3),
        ...rowsOf('alarm', 4, 5),
        ...rowsOf('telemetry', 9, 2),
      ]);
      await b.open();
      await b.wired(topics.telemetry, 2);
      const order = b.onWire().filter((what) => what !== 'health');
      expect(order.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'alarm'));
      expect(order.slice(5)).toEqual([
        'state',
        'event',
        'event',
        'event',
        'telemetry',
        'telemetry',
      ]);
      expect(b.payloads(topics.alarm).map(idOf)).toEqual(rowsOf('alarm', 4, 5).map(({ id }) => id));
    });

    it('reads more than a page in order', async () => {
      const b = await bench(rowsOf('alarm', 1, 1203));
      await b.open();
      const payloads = await b.wired(topics.alarm, 1203);
      expect(payloads).toEqual(b.outbox.rows.map(({ payload }) => payload));
    });

    it('sends unsettled rows again after a reconnect, the same bytes; settled ones not', async () => {
      const b = await bench();
      await b.open();
      await b.fact('uplink.online');
      const rows = rowsOf('alarm', 1, 4);
      b.outbox.rows = [...rows];
      b.rig.uplink.offer(rows, true);
      await b.wired(topics.alarm, 4);
      await until(() => b.acked().length >= 4, { ...soon, what: 'four PUBACKs' });
      b.outbox.settle(['alarm-2']);
      b.rig.uplink.settled(['alarm-2']);
      await b.rig.cut();
      await b.fact('uplink.offline');
      await b.rig.mend();
      await b.fact('uplink.online', 2);
      const again = (await b.wired(topics.alarm, 7)).slice(4);
      expect(again).toEqual([rows[0], rows[2], rows[3]].map((one) => one?.payload));
    });

    it('holds rows that the disk does not have until they are settled', async () => {
      const b = await bench();
      await b.rig.cut();
      await b.open();
      const alarm = row('alarm', 7);
      b.rig.uplink.offer([alarm], false);
      await b.rig.mend();
      expect(await b.wired(topics.alarm, 1)).toEqual([alarm.payload]);
    });

    it('tells birth at each connect and when the status changes', async () => {
      const b = await bench();
      await b.open();
      await b.wired(topics.state, 1);
      b.rig.uplink.want({ ...status, version: '1.0.1' });
      b.rig.uplink.want({ ...status, version: '1.0.1' });
      const births = await b.wired(topics.state, 2);
      expect(births.map((birth) => JSON.parse(birth).version)).toEqual(['1.0.0', '1.0.1']);
      expect(JSON.parse(births[1] ?? '')).toMatchObject({ online: true, terminal });
    });

    it('says goodbye on the state topic when it is closed', async () => {
      const b = await bench();
      await b.open();
      await b.wired(topics.state, 1);
      await b.rig.uplink.close();
      const [, goodbye] = await b.wired(topics.state, 2);
      expect(JSON.parse(goodbye ?? '')).toMatchObject({ online: false, terminal });
    });

    it('hands a command over with role, user and verb of its topic', async () => {
      const b = await bench();
      await b.open();
      await b.fact('uplink.online');
      const under = topics.replies('110-city', 'li');
      await b.rig.send(topics.command('110-city', 'li', 'take'), command({ incident: 'i1' }), {
        responseTopic: `${under}mine`,
        correlation: 'x',
      });
      expect(await b.fact('command.received')).toMatchObject({
        ...{ id: 'c1', role: '110-city', user: 'li', args: { verb: 'take', incident: 'i1' } },
        ...{ bootId: 'b', retained: false, replyTo: `${under}mine`, correlation: 'eA==' },
      });
    });

    const take = topics.command('110-city', 'li', 'take');
    const refused: [string, string, string, Inbound, object][] = [
      [
        'an unknown role',
        topics.command('mayor', 'li', 'status'),
        command(),
        {},
        { reason: 'not-allowed' },
      ],
      [
        'an unknown verb',
        topics.command('platform', 'p', 'dance'),
        command(),
        {},
        { reason: 'unknown-verb', id: 'c1' },
      ],
      ['no JSON', take, '{', {}, { reason: 'malformed', id: null }],
      [
        'a missing field',
        take,
        command(),
        {},
        { reason: 'malformed', detail: expect.stringContaining('incident') },
      ],
      ['an unknown field', take, command({ incident: 'i', x: 1 }), {}, { reason: 'malformed' }],
      [
        'a life too long',
        take,
        command({ incident: 'i', lifetimeMs: 30_001 }),
        {},
        { reason: 'malformed' },
      ],
      [
        'a huge payload',
        take,
        command({ incident: 'i'.repeat(70_000) }),
        {},
        { reason: 'malformed' },
      ],
      [
        'an answer to somewhere else',
        take,
        command({ incident: 'i' }),
        { responseTopic: topics.alarm },
        { reason: 'bad-reply-topic', replyTo: `${topics.replies('110-city', 'li')}take` },
      ],
    ];
    it.each(refused)('refuses %s', async (_, topic, payload, inbound, expected) => {
      const b = await bench();
      await b.open();
      await b.fact('uplink.online');
      await b.rig.send(topic, payload, inbound);
      expect(await b.fact('command.malformed')).toMatchObject(expected);
      expect(b.of('command.received')).toEqual([]);
    });

    it('marks a retained command as such', async () => {
      const b = await bench();
      await b.open();
      await b.fact('uplink.online');
      await b.rig.send(topics.command('platform', 'p', 'status'), command(), { retain: true });
      expect((await b.fact('command.received')).retained).toBe(true);
    });

    it('answers on the response topic, and drops an answer while there is no link', async () => {
      const b = await bench();
      const topic = `${topics.replies('platform', 'p')}status`;
      const answer = { id: 'c1', verb: 'status', ok: true } as const;
      await b.rig.cut();
      await b.open();
      b.rig.uplink.reply({ topic, correlation: null, answer: { ...answer, id: 'late' } });
      await b.rig.mend();
      await b.fact('uplink.online');
      b.rig.uplink.reply({ topic, correlation: null, answer });
      const [first] = await b.wired(topic, 1);
      expect(JSON.parse(first ?? '')).toEqual({ v: 1, ...answer });
    });

    it('does not send again what was acknowledged where the platform sends no receipts', async () => {
      const b = await bench([], 'none');
      await b.open();
      await b.fact('uplink.online');
      b.rig.uplink.offer([row('alarm', 1)], true);
      await b.fact('uplink.acked');
      b.rig.uplink.settled(['alarm-1']);
      await b.rig.cut();
      await b.fact('uplink.offline');
      await b.rig.mend();
      await b.fact('uplink.online', 2);
      b.rig.uplink.offer([row('alarm', 2)], true);
      await b.wired(topics.alarm, 2);
      expect(b.payloads(topics.alarm).map(idOf)).toEqual(['alarm-1', 'alarm-2']);
    });
  });
}
