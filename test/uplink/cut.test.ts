// The line cut for a test: at once, without a goodbye; back by itself, what was told meanwhile arrives
// once; and how long the broker takes to acknowledge.

import { expect, it } from 'vitest';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { atEnd, observe, openUplink, topics } from './rig.ts';
import { row } from './rows.ts';

it('is off for so long, and back by itself with what waits', async () => {
  const broker = await Mosquitto.start();
  atEnd(() => broker.remove());
  const observer = await observe(broker.url);
  const { uplink, told } = await openUplink(broker.url);
  await told.fact('uplink.online');
  expect(await uplink.route.roundTrip(8_000)).toBeGreaterThan(0);

  const fromMs = performance.now();
  uplink.route.cut(1_000);
  uplink.route.cut(9_000);
  const { reason } = await told.fact('uplink.offline');
  expect(reason).toContain('test');
  expect(await uplink.route.roundTrip(1_000)).toBeNull();
  uplink.offer([row('alarm', 1)], true);
  await told.fact('uplink.online', 2);
  expect(performance.now() - fromMs).toBeGreaterThanOrEqual(990);
  await observer.wired(topics.alarm, 1);
  const acked = () => told.ids('uplink.acked').length > 0;
  await until(acked, { withinMs: 8_000, what: 'its acknowledgement' });
  expect(observer.on(topics.alarm)).toHaveLength(1);
});
