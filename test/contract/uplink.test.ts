// The uplink's contract, run on the fake and on MQTT against mosquitto, plain and over TLS.

import mqtt from 'mqtt';
import { afterAll, beforeAll, describe } from 'vitest';
import { systemClock, systemIds } from '#agent/system/clock.ts';
import { MqttUplink } from '#agent/uplink/uplink.ts';
import { FakeUplink } from '#test/fakes/uplink.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { within } from '#test/support/wait.ts';
import { Line } from '#test/uplink/line.ts';
import { evidence, identity, terminal } from '#test/uplink/rows.ts';
import { type UplinkRig, uplinkSuite } from './uplink.suite.ts';

uplinkSuite('fake', async (receipts) => {
  const uplink = new FakeUplink(terminal, receipts);
  const open = uplink.open.bind(uplink);
  let up = true;
  // The fake has no network: its link comes up with `open`, as a real one does by itself.
  uplink.open = async (sink, outbox) => {
    await open(sink, outbox);
    if (up) await uplink.connect();
  };
  return {
    uplink,
    wire: () => uplink.wire,
    send: async (topic, payload, { retain = false, responseTopic, correlation } = {}) => {
      uplink.receive({
        ...({ cmd: 'publish', qos: 1, dup: false, retain, topic } as const),
        payload: Buffer.from(payload),
        properties: {
          ...(responseTopic ? { responseTopic } : {}),
          ...(correlation ? { correlationData: Buffer.from(correlation) } : {}),
        },
      });
    },
    cut: async () => {
      up = false;
      uplink.disconnect();
    },
    mend: async () => {
      up = true;
      await uplink.connect();
    },
    close: async () => undefined,
  };
});

interface Login {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

async function realRig(
  broker: Mosquitto,
  receipts: 'platform' | 'none',
  login: Login,
): Promise<UplinkRig> {
  const seen: { topic: string; payload: string }[] = [];
  const observer = await mqtt.connectAsync(broker.url, { protocolVersion: 5, ...login });
  observer.on('message', (topic, payload, { retain }) => {
    if (!retain && !topic.includes('/cmd/') && !topic.endsWith('/receipt'))
      seen.push({ topic, payload: payload.toString() });
  });
  await observer.subscribeAsync(`gate/v1/${terminal}/#`, { qos: 1 });
  const line = new Line(broker.port, !broker.certs);
  const port = await line.listen();
  const scheme = new URL(broker.url).protocol;
  const uplink = new MqttUplink({
    ...{ terminal, identity, evidence, receipts, clock: systemClock(), ids: systemIds },
    broker: { url: `${scheme}//127.0.0.1:${port}`, clientId: terminal, ...login },
    health: () => ({ uptimeS: 1, rssMb: 1, outboxRows: 0, transactions: 0, faults: [] }),
    retry: { firstMs: 100, maxMs: 200 },
  });
  const retained = new Set<string>();
  return {
    uplink,
    wire: () => seen,
    send: async (topic, payload, { retain = false, responseTopic, correlation } = {}) => {
      if (retain) retained.add(topic);
      await observer.publishAsync(topic, payload, {
        ...{ qos: 1, retain },
        properties: {
          ...(responseTopic ? { responseTopic } : {}),
          ...(correlation ? { correlationData: Buffer.from(correlation) } : {}),
        },
      });
    },
    cut: async () => line.cut(),
    mend: async () => line.mend(),
    close: async () => {
      for (const topic of [...retained, `gate/v1/${terminal}/state`])
        await observer.publishAsync(topic, '', { qos: 1, retain: true });
      await within(observer.endAsync(), { withinMs: 2_000, what: 'the end of the observer' });
      await line.close();
    },
  };
}

for (const tls of [false, true]) {
  describe(tls ? 'with client certificates' : 'plain', () => {
    let broker: Mosquitto;
    let login: Login = {};
    beforeAll(async () => {
      broker = await Mosquitto.start({ tls, config: ['max_queued_messages 0'] });
      if (broker.certs) login = { ca: broker.certs.ca, ...(await broker.certs.client(terminal)) };
    });
    afterAll(() => broker.remove());
    uplinkSuite(tls ? 'MQTT over TLS' : 'MQTT', (receipts = 'platform') =>
      realRig(broker, receipts, login),
    );
  });
}
