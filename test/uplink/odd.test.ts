// Brokers that do not behave: refused logins, quotas, silence, two terminals under one id, a platform that
// stops answering or answers too much. Each is told, none loses an alarm.

import { describe, expect, it } from 'vitest';
import { systemClock } from '#agent/system/clock.ts';
import { Takeover, takeoverTimes } from '#agent/uplink/takeover.ts';
import { FakeOutbox } from '#test/fakes/outbox.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { hasty } from './hasty.ts';
import { OddBroker } from './odd-broker.ts';
import { atEnd, observe, openUplink, topics } from './rig.ts';
import { idOf, row, rowsOf } from './rows.ts';
import { Whole } from './whole.ts';

const soon = { withinMs: 8_000 };
const alarmsAt = ({ payloads }: OddBroker) =>
  payloads.flatMap((payload) => (idOf(payload) === 'alarm-1' ? [payload] : []));

async function odd(change: Partial<Pick<OddBroker, 'connack' | 'puback'>> = {}) {
  const broker = Object.assign(new OddBroker(), change);
  atEnd(() => broker.close());
  return { broker, url: await broker.listen() };
}

async function mosquitto(config: string[] = []) {
  const broker = await Mosquitto.start({ config });
  atEnd(() => broker.remove());
  return broker;
}

describe('a login that is refused', () => {
  it.each([
    [135, 'not authorised; check user, certificate and the ACL'],
    [138, 'banned at the broker'],
    [137, 'the broker is busy'],
    [151, 'quota of the broker exceeded'],
    [159, 'limits connections'],
  ])(
    'with code %i is told, tried again, and over when the broker thinks better of it',
    async (code, why) => {
      const { broker, url } = await odd({ connack: code });
      const clock = hasty(systemClock(), 20);
      const { uplink, told } = await openUplink(url, { clock });
      uplink.offer([row('alarm', 1)], true);
      expect((await told.fault('uplink.down')).detail).toContain(why);
      broker.connack = 0;
      await told.fact('uplink.online');
      await until(() => told.ids('uplink.acked').length, { ...soon, what: 'the PUBACK' });
      expect(new Set(alarmsAt(broker)).size).toBe(1);
    },
  );
});

describe('PUBACK', () => {
  it.each([
    [0x97, 'quota exceeded (151)'],
    [0x87, 'not authorised (135)'],
    [0x83, 'reason code 131'],
  ])('%i: told, not called sent, and published again until it is taken', async (code, why) => {
    let refusing = true;
    const puback = (payload: string) => (refusing && payload.includes('alarm-1') ? code : 0);
    const { broker, url } = await odd({ puback });
    const { uplink, told } = await openUplink(url, { receiptWithinMs: 100 });
    await told.fact('uplink.online');
    uplink.offer([row('alarm', 1), row('alarm', 2)], true);
    expect((await told.fault('uplink.refused')).detail).toContain(why);
    await until(() => alarmsAt(broker).length > 1, { ...soon, what: 'a second time' });
    expect(told.ids('uplink.acked')).not.toContain('alarm-1');
    expect(told.of('uplink.offline')).toEqual([]);
    refusing = false;
    const acked = () => told.ids('uplink.acked').includes('alarm-1');
    await until(acked, { ...soon, what: 'the PUBACK' });
    await told.fact('fault.cleared');
    expect(new Set(alarmsAt(broker)).size).toBe(1);
  });

  it('none, ever: no link, whatever the broker says when it takes the login', async () => {
    let silent = true;
    const { url } = await odd({ puback: () => (silent ? null : 0) });
    const { told } = await openUplink(url, { clock: hasty(systemClock(), 10) });
    expect((await told.fault('uplink.down')).detail).toContain('does not acknowledge');
    silent = false;
    await told.fact('fault.cleared');
  });

  it('none, ever: tried again with growing pauses, and over when they come', async () => {
    let silent = true;
    const { broker, url } = await odd({ puback: () => (silent ? null : 0) });
    const { uplink, told } = await openUplink(url, {
      ...{ pubackWithinMs: 50, retry: { firstMs: 100, maxMs: 10_000 } },
      ids: { next: () => 'id', chance: () => 0.99 },
    });
    expect((await told.fact('uplink.offline')).reason).toContain('does not acknowledge');
    await told.fact('uplink.offline', 4);
    const gaps = broker.connectsMs.slice(1).map((ms, n) => ms - (broker.connectsMs[n] ?? 0));
    expect(gaps[2]).toBeGreaterThan((gaps[0] ?? 0) * 2);
    silent = false;
    uplink.offer([row('alarm', 1)], true);
    await until(() => told.ids('uplink.acked').length, { ...soon, what: 'the PUBACK' });
    expect(new Set(alarmsAt(broker)).size).toBe(1);
  });
});

describe('two terminals under one client id', () => {
  it('are told, and do not throw each other out all day; an alarm gets through', async () => {
    const broker = await mosquitto();
    await observe(broker.url);
    const [mine, twin] = [await openUplink(broker.url), await openUplink(broker.url)];
    // The first to see it steps back, and the other may never be thrown out a third time.
    const told = () =>
      [mine, twin]
        .flatMap((one) => one.told.of('fault.raised'))
        .find(({ fault }) => fault === 'uplink.taken-over');
    expect((await until(told, { ...soon, what: 'the fault' })).detail).toContain('broker.clientId');
    const onlines = () =>
      mine.told.of('uplink.online').length + twin.told.of('uplink.online').length;
    const before = onlines();
    // Whoever was thrown out last waits for five seconds or more.
    const quietMs = performance.now() + 2_000;
    await until(() => performance.now() > quietMs, { ...soon, what: 'some peace' });
    expect(onlines() - before).toBeLessThanOrEqual(1);
    const thrownOut = mine.uplink.figures().online ? twin : mine;
    thrownOut.uplink.offer([row('alarm', 1)], true);
    const acked = () => thrownOut.told.ids('uplink.acked').includes('alarm-1');
    // At the first try; at the second, ten seconds later, where the twin came in between.
    await until(acked, { withinMs: 12_000, what: 'the PUBACK' });
  }, 40_000);

  it('are told at once by a broker that says so', async () => {
    const { broker, url } = await odd();
    const { told } = await openUplink(url);
    await until(() => broker.payloads.length, { ...soon, what: 'birth' });
    broker.disconnect(142);
    await told.fault('uplink.taken-over');
    expect((await told.fact('uplink.offline')).reason).toContain(
      'another client uses our client id',
    );
    expect(broker.connectsMs).toHaveLength(1);
  });
});

describe('the pauses after a takeover', () => {
  const { lives, shortMs, goneMs, pauseMs, pauseMsMax } = takeoverTimes;
  const cut = (takeover: Takeover, upMs: number, lifeMs: number): boolean => {
    takeover.up(upMs);
    return takeover.lost(upMs + lifeMs, true);
  };

  it('begin with the third link that was cut short, double, and end at five minutes', () => {
    const takeover = new Takeover();
    const taken = Array.from({ length: lives + 9 }, (_, n) => cut(takeover, n * 1_000, 500));
    expect(taken.indexOf(true)).toBe(lives - 1);
    expect(takeover.pauseMs(1)).toBe(pauseMsMax);
    expect(cut(takeover, 0, goneMs)).toBe(false);
    for (let n = 0; n < lives; n++) cut(takeover, n, 1);
    expect(takeover.pauseMs(1)).toBe(pauseMs);
    expect(takeover.pauseMs(0)).toBe(pauseMs / 2);
  });

  it('are for no broker that was gone, nor for links that lived', () => {
    const takeover = new Takeover();
    for (let n = 0; n < 10; n++) {
      expect(cut(takeover, n, 1)).toBe(false);
      takeover.failed();
      expect(cut(takeover, n, shortMs)).toBe(false);
    }
  });
});

describe('a platform', () => {
  it('that stops sending receipts holds up events, never an alarm', async () => {
    const broker = await mosquitto();
    const { client, wired, on } = await observe(broker.url);
    const outbox = new FakeOutbox(rowsOf('event', 1, 2_000));
    const { uplink, told } = await openUplink(broker.url, {}, outbox);
    await wired(topics.event, 800);
    uplink.offer([row('alarm', 3_000)], true);
    const startedMs = performance.now();
    await wired(topics.alarm, 1);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(on(topics.event)).toHaveLength(800);
    // It answers again, as the messages come in.
    const answered = new Set<string>();
    const answer = () => {
      const ids = on(topics.event).flatMap((payload) => idOf(payload) ?? []);
      const fresh = ids.filter((id) => !answered.has(id)).slice(0, 1_000);
      for (const id of fresh) answered.add(id);
      if (fresh.length > 0)
        client.publish(topics.receipt, JSON.stringify({ v: 1, ids: fresh }), { qos: 1 });
      uplink.settled(told.ids('uplink.received'));
      return answered.size === 2_000;
    };
    await until(answer, { withinMs: 15_000, what: 'all events' });
  });

  it('that floods receipts for what it never got costs no row and delays no alarm', async () => {
    const broker = await mosquitto(['max_queued_messages 0']);
    const { client } = await observe(broker.url);
    const whole = await Whole.open(broker.url);
    await whole.online();
    const ids = Array.from({ length: 200 }, (_, n) => `never-${n}`);
    const receipt = JSON.stringify({ v: 1, ids });
    const before = whole.store.figures().transactions;
    let sent = 0;
    const startedMs = performance.now();
    for (let n = 0; n < 20; n++) {
      const dueMs = startedMs + (n + 1) * 50;
      for (let burst = 0; burst < 25; burst++, sent++) client.publish(topics.receipt, receipt);
      whole.press();
      await until(() => performance.now() >= dueMs, { ...soon, what: 'the next press' });
    }
    const all = () => whole.presses.length === 20 && whole.ackMs.every(Number.isFinite);
    await until(all, { ...soon, what: 'every PUBACK' });
    expect(Math.max(...whole.ackMs)).toBeLessThan(500);
    expect(sent).toBe(500);
    expect(whole.store.figures().transactions - before).toBeLessThan(20 * 3);
  });
});
