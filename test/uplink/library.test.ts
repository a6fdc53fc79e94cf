// MQTT.js makes a table of all 65,536 numbers as bytes at its first packet: 43 ms of the start and the
// memory of it. The switch is in mqtt-packet, and must be the one of the copy that MQTT.js uses.

import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { atEnd, openUplink } from './rig.ts';

it('MQTT.js speaks to a broker without its table of numbers', async () => {
  const broker = await Mosquitto.start();
  atEnd(() => broker.remove());
  const { told } = await openUplink(broker.url);
  await told.fact('uplink.online');
  const ofMqtt = createRequire(createRequire(import.meta.url).resolve('mqtt'));
  const numbers = z.object({ cache: z.record(z.string(), z.unknown()) });
  const { cache } = numbers.parse(ofMqtt('mqtt-packet/numbers.js'));
  expect(Object.keys(cache)).toHaveLength(0);
});
