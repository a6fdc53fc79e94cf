// The line itself: broker killed and back, half-open, will, window, refusals. Real mosquitto.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker } from '#agent/sim/broker.ts';
import { systemClock } from '#agent/system/clock.ts';
import { FakeOutbox } from '#test/fakes/outbox.ts';
import { freePort, Mosquitto } from '#test/support/mosquitto.ts';
import { until, within } from '#test/support/wait.ts';
import { hasty } from './hasty.ts';
import { Line } from './line.ts';
import { atEnd, observe, openUplink, topics } from './rig.ts';
import { idOf, row, rowsOf } from './rows.ts';

const soon = { withinMs: 8_000 };

async function lineTo(port: number) {
  const line = new Line(port);
  atEnd(() => line.close());
  return { line, url: `mqtt://127.0.0.1:${await line.listen()}` };
}

describe('a broker of its own for each test', () => {
  const start = async (config: string[] = []) => {
    const broker = await Mosquitto.start({ config });
    atEnd(() => broker.remove());
    return broker;
  };

  it('comes back by itself when the broker was killed and started again on its port', async () => {
    const broker = await start();
    const { uplink, told } = await openUplink(broker.url);
    await told.fact('uplink.online');
    await broker.down('SIGKILL');
    expect((await told.fact('uplink.offline')).reason).not.toBe('');
    const alarms = rowsOf('alarm', 1, 20);
    uplink.offer(alarms, true);
    expect(uplink.figures().inFlight).toBe(0);
    await broker.up();
    const { wired } = await observe(broker.url);
    // Perhaps nobody was subscribed yet when they were sent: then they come once more.
    const payloads = await wired(topics.alarm, 20, 15_000);
    expect([...new Set(payloads)].sort()).toEqual(alarms.map(({ payload }) => payload).sort());
    await told.fact('uplink.online', 2);
  });

  it('gives a half-open line up when a PUBACK stays out, and sends again on the next', async () => {
    const broker = await start();
    const { wired } = await observe(broker.url);
    const { line, url } = await lineTo(broker.port);
    const { uplink, told } = await openUplink(url, { pubackWithinMs: 300 });
    await told.fact('uplink.online');
    await wired(topics.state, 1);
    line.stall();
    uplink.offer([row('alarm', 1)], true);
    expect((await told.fact('uplink.offline')).reason).toContain('does not acknowledge');
    line.mend();
    expect((await wired(topics.alarm, 1)).map(idOf)).toEqual(['alarm-1']);
    await until(() => told.ids('uplink.acked').length, { ...soon, what: 'the PUBACK' });
  });

  it('tries at once when an alarm comes while it waits', async () => {
    const broker = await start();
    const { told, uplink } = await openUplink(broker.url, {
      retry: { firstMs: 600_000, maxMs: 600_000 },
      ids: { next: () => 'id', chance: () => 0.5 },
    });
    await told.fact('uplink.online');
    await broker.down();
    await told.fact('uplink.offline');
    await broker.up();
    uplink.offer([row('alarm', 1)], true);
    await told.fact('uplink.online', 2, 2_000);
  });

  it('is never more than 16 messages and 4 kB ahead of the PUBACKs', async () => {
    const broker = await start();
    const { wired } = await observe(broker.url);
    const { line, url } = await lineTo(broker.port);
    await openUplink(
      url,
      {},
      new FakeOutbox([...rowsOf('alarm', 1, 300), ...rowsOf('event', 301, 700)]),
    );
    await wired(topics.event, 700);
    expect(line.inFlightMax).toBeGreaterThan(1);
    expect(line.inFlightMax).toBeLessThanOrEqual(16);
    // Payloads are bounded to 4096; topic and header come on top, some 30 bytes each.
    expect(line.bytesInFlightMax).toBeLessThanOrEqual(4096 + 16 * 40);
  });

  it('minds the Receive Maximum of the broker', async () => {
    const broker = await start(['max_inflight_messages 2']);
    const { wired } = await observe(broker.url);
    const { line, url } = await lineTo(broker.port);
    await openUplink(url, {}, new FakeOutbox(rowsOf('alarm', 1, 100)));
    await wired(topics.alarm, 100);
    expect(line.inFlightMax).toBe(2);
  });

  it('publishes again what has no receipt, the same bytes, and stops when it has', async () => {
    const broker = await start();
    const { wired, client, on } = await observe(broker.url);
    const { told, uplink } = await openUplink(broker.url, { receiptWithinMs: 100 });
    await told.fact('uplink.online');
    const alarm = row('alarm', 1);
    uplink.offer([alarm], true);
    expect(await wired(topics.alarm, 3)).toEqual([alarm.payload, alarm.payload, alarm.payload]);
    await client.publishAsync(topics.receipt, JSON.stringify({ v: 1, ids: [alarm.id] }), {
      qos: 1,
    });
    await told.fact('uplink.received');
    uplink.settled([alarm.id]);
    const count = on(topics.alarm).length;
    uplink.offer([row('alarm', 2)], true);
    expect((await wired(topics.alarm, count + 2)).slice(count).map(idOf)).toEqual([
      'alarm-2',
      'alarm-2',
    ]);
  });

  it('tells when nobody is subscribed to alarms, and does not call that sent', async () => {
    const broker = await start();
    const { told, uplink } = await openUplink(broker.url);
    await told.fact('uplink.online');
    uplink.offer([row('alarm', 1)], true);
    await told.fault('uplink.nobody');
    expect(told.ids('uplink.acked')).toEqual([]);
    await observe(broker.url);
    await told.fact('fault.cleared');
    await until(() => told.ids('uplink.acked').length, { ...soon, what: 'the PUBACK' });
  });

  it('acknowledges a command only when its turn is done', async () => {
    const broker = await start();
    const { client } = await observe(broker.url);
    const { told } = await openUplink(broker.url);
    await told.fact('uplink.online');
    const done: (() => void)[] = [];
    told.emit = (fact, stepped) => {
      told.facts.push(fact);
      if (stepped) done.push(stepped);
    };
    const head = { v: 1, bootId: 'b', issuedMs: 1, lifetimeMs: 1000 };
    for (const id of ['c1', 'c2'])
      await client.publishAsync(
        topics.command('platform', 'p', 'status'),
        JSON.stringify({ ...head, id }),
        { qos: 1 },
      );
    await until(() => done.length === 1, { ...soon, what: 'the first command' });
    expect(told.of('command.received').map(({ id }) => id)).toEqual(['c1']);
    done.shift()?.();
    await until(() => done.length === 1, { ...soon, what: 'the second command' });
    done.shift()?.();
  });

  it('leaves a will when it is killed, and none when it comes back in time', async () => {
    const broker = await start();
    const { wired, on } = await observe(broker.url);
    const child = () =>
      spawn(process.execPath, [`${import.meta.dirname}/child.ts`, broker.url, '2'], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    const kill = async (one: ReturnType<typeof child>) => {
      if (one.signalCode !== null || one.exitCode !== null) return;
      const exit = once(one, 'exit');
      one.kill('SIGKILL');
      await within(exit, { withinMs: 5_000, what: 'the end of the child' });
    };
    const first = child();
    atEnd(() => kill(first));
    await wired(topics.state, 1);
    await kill(first);
    const second = child();
    atEnd(() => kill(second));
    await wired(topics.state, 2);
    await kill(second);
    await wired(topics.state, 3);
    expect(on(topics.state).map((state) => JSON.parse(state).online)).toEqual([true, true, false]);
  });

  it('says goodbye within 2 s even to a broker that no longer answers', async () => {
    const broker = await start();
    const { uplink, told } = await openUplink(broker.url);
    await told.fact('uplink.online');
    broker.freeze();
    const startedMs = performance.now();
    await uplink.close();
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});

describe('refusals', () => {
  it('keeps a row that the broker refuses (PUBACK 135), tells it, and goes on', async () => {
    let deny = true;
    const broker = await startBroker({ deny: (topic) => deny && topic.endsWith('/alarm') });
    atEnd(() => broker.stop());
    const { on, wired } = await observe(broker.url);
    const { uplink, told } = await openUplink(broker.url, { receiptWithinMs: 200 });
    await told.fact('uplink.online');
    uplink.offer([row('alarm', 1), row('event', 2)], true);
    expect((await told.fault('uplink.refused')).detail).toContain('135');
    await wired(topics.event, 1);
    expect(on(topics.alarm)).toEqual([]);
    expect(told.ids('uplink.acked')).not.toContain('alarm-1');
    deny = false;
    await wired(topics.alarm, 1);
    await told.fact('fault.cleared');
  });

  it('tells that the broker refuses its subscriptions', async () => {
    const broker = await startBroker({
      users: [{ username: 't', password: 'p', login: { kind: 'terminal', terminal: 'another' } }],
    });
    atEnd(() => broker.stop());
    const { told } = await openUplink(broker.url, { broker: { username: 't', password: 'p' } });
    await told.fault('uplink.unheard');
  });
});

describe('why the link is down', () => {
  let tls: Mosquitto;
  beforeAll(async () => {
    tls = await Mosquitto.start({ tls: true });
  });
  afterAll(() => tls.remove());

  /** Time runs faster for the uplink, for the 30 s after which the fault is told. */
  const faster = 40;
  const reason = async (url: string, broker: object = {}) => {
    const clock = hasty(systemClock(), faster);
    const { told } = await openUplink(url, { clock, broker });
    return (await told.fault('uplink.down')).detail;
  };
  const local = () => `mqtts://127.0.0.1:${tls.port}`;
  const ca = () => tls.certs?.ca;

  it('nobody listens', async () => {
    expect(await reason(`mqtt://127.0.0.1:${await freePort()}`)).toContain('refused');
  });
  it('a name that is not known', async () => {
    expect(await reason('mqtt://no-such-host.invalid:1883')).toMatch(/name cannot be resolved/);
  });
  it('a CA that is not known', async () => {
    expect(await reason(local())).toMatch(/CA|self-signed/);
  });
  it('no client certificate', async () => {
    expect(await reason(local(), { ca: ca() })).toMatch(/client certificate|cut the connection/);
  });
  it('a certificate for another name', async () => {
    const given = { ca: ca(), ...(await tls.certs?.client('t')) };
    expect(await reason(`mqtts://127.0.0.2:${tls.port}`, given)).toMatch(/another name|refused/);
  });
  it('a wrong password', async () => {
    const broker = await startBroker({ users: [] });
    atEnd(() => broker.stop());
    expect(await reason(broker.url, { username: 'a', password: 'b' })).toMatch(
      /not authorised|password/,
    );
  });
});
