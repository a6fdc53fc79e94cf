// A broker that speaks only MQTT 3.1.1: everything works, and the weaker promise is told.

import { describe, expect, it } from 'vitest';
import { fiveAgainMs, Version } from '#agent/uplink/version.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { OldBroker, type Refusal } from './old-broker.ts';
import { atEnd, observe, openUplink, topics } from './rig.ts';
import { row, terminal } from './rows.ts';

const soon = { withinMs: 8_000 };
const fault = 'uplink.mqtt-3-1-1';

async function old(refusal: Refusal) {
  const behind = await Mosquitto.start();
  atEnd(() => behind.remove());
  const broker = new OldBroker(behind.port, refusal);
  atEnd(() => broker.close());
  return { behind, broker, url: await broker.listen() };
}

describe('a broker of MQTT 3.1.1', () => {
  it.each(['code of 3.1.1', 'code of 5', 'closed'] as const)(
    'that refuses 5 by %s',
    async (how) => {
      const { behind, broker, url } = await old(how);
      const { client, wired } = await observe(behind.url);
      const { uplink, told } = await openUplink(url);
      expect((await told.fault(fault)).detail).toContain('speaks only MQTT 3.1.1');
      const alarm = row('alarm', 1);
      uplink.offer([alarm], true);
      expect(await wired(topics.alarm, 1)).toEqual([alarm.payload]);
      await until(() => told.ids('uplink.acked').length, { ...soon, what: 'the PUBACK' });
      const receipt = JSON.stringify({ v: 1, ids: [alarm.id] });
      await client.publishAsync(topics.receipt, receipt, { qos: 1 });
      await told.fact('uplink.received');
      uplink.settled([alarm.id]);
      // No properties: the answer goes to the topic named after the verb.
      const command = { v: 1, id: 'c1', bootId: 'b', issuedMs: 1, lifetimeMs: 1000 };
      const topic = topics.command('platform', 'p', 'status');
      await client.publishAsync(topic, JSON.stringify(command), { qos: 1 });
      const { replyTo, correlation } = await told.fact('command.received');
      expect({ replyTo, correlation }).toEqual({
        replyTo: `${topics.replies('platform', 'p')}status`,
        correlation: null,
      });
      uplink.reply({ topic: replyTo, correlation, answer: { id: 'c1', verb: 'status', ok: true } });
      expect(await wired(replyTo, 1)).toHaveLength(1);
      broker.cut();
      await told.fact('uplink.online', 2);
      // Known by now: it is not asked for 5 again at each reconnect.
      expect(broker.levels.at(-2)).toBe(4);
      await wired(topics.state, 2);
      expect(told.of('fault.raised').map((one) => one.fault)).toEqual([fault]);
    },
  );

  it('as the second one, beside a first of MQTT 5', async () => {
    const { behind, url } = await old('code of 3.1.1');
    const first = await Mosquitto.start();
    atEnd(() => first.remove());
    await observe(behind.url);
    const { uplink, told } = await openUplink(first.url, {
      second: { url, clientId: terminal },
      failover: { probeEveryMs: 100 },
    });
    await told.fact('uplink.online');
    await first.down();
    await told.fault(fault);
    uplink.offer([row('alarm', 1)], true);
    await until(() => told.ids('uplink.acked').length, { ...soon, what: 'the PUBACK' });
    uplink.settled(['alarm-1']);
    await first.up();
    const cleared = () => told.of('fault.cleared').some((one) => one.fault === fault);
    await until(cleared, { ...soon, what: 'the end of the fault' });
  });

  it('as the first one: it is tested in its own version, and returned to', async () => {
    const { behind, url } = await old('code of 5');
    const second = await Mosquitto.start();
    atEnd(() => second.remove());
    const { told } = await openUplink(url, {
      second: { url: second.url, clientId: terminal },
      failover: { probeEveryMs: 100 },
    });
    await told.fault(fault);
    await behind.down();
    await told.fault('uplink.on-second');
    await behind.up();
    await until(() => told.of('uplink.online').filter(({ broker }) => broker === url).length > 1, {
      ...soon,
      what: 'the first broker again',
    });
  });
});

describe('which version the next try speaks', () => {
  const refused = { refusedCode: 132, silent: false };
  const silent = { refusedCode: null, silent: true };
  const unreachable = { refusedCode: null, silent: false };

  it('3.1.1 at once after a refusal, 5 again where 3.1.1 is refused', () => {
    const version = new Version();
    expect(version.failed(refused, 0)).toBe(true);
    expect(version.level).toBe(4);
    expect(version.failed(refused, 1)).toBe(false);
    expect(version.level).toBe(5);
  });

  it('5, 5, 3.1.1, 5, 5, 3.1.1 at one that only closes; never 3.1.1 at one out of reach', () => {
    const version = new Version();
    const levels = Array.from({ length: 6 }, (_, n) => {
      const { level } = version;
      version.failed(silent, n);
      return level;
    });
    expect(levels).toEqual([5, 5, 4, 5, 5, 4]);
    const other = new Version();
    for (let n = 0; n < 10; n++) other.failed(unreachable, n);
    expect(other.level).toBe(5);
  });

  it('5 once more when an hour has passed, the link is lost and no alarm waits', () => {
    const version = new Version();
    version.failed(refused, 0);
    version.up();
    version.lost(fiveAgainMs - 1, false);
    expect(version.level).toBe(4);
    version.lost(fiveAgainMs, true);
    expect(version.level).toBe(4);
    version.lost(fiveAgainMs, false);
    expect(version.level).toBe(5);
    expect(version.failed(silent, fiveAgainMs)).toBe(true);
    expect(version.level).toBe(4);
  });
});
