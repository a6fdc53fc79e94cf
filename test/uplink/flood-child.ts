// Publishes commands at a steady rate, half of them with QoS 1, until it is killed: a console gone mad.
// Arguments: address, topic, payload, messages a second. Says `flooding` when the first are out.

import { setTimeout as pause } from 'node:timers/promises';
import mqtt from 'mqtt';

const [, , url = '', topic = '', payload = '', rate = '2000'] = process.argv;
const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
const startedMs = performance.now();
process.stdout.write('flooding\n');
for (let sent = 0; ; ) {
  const due = ((performance.now() - startedMs) / 1000) * Number(rate);
  for (; sent < due; sent += 1) client.publish(topic, payload, { qos: sent % 2 === 0 ? 0 : 1 });
  await pause(5);
}
