// The first broker goes and comes back: `status` names the one that the line is over.

import { afterEach, expect, test } from 'vitest';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { House } from './support/house.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test('status names the broker in use', async () => {
  const second = await Mosquitto.start();
  cleanups.push(() => second.remove());
  const room = async () => ({ daemonBroker: { second: { url: second.url } } });
  const house = await House.open({ buttons: 1, room });
  cleanups.push(() => house.close());
  const broker = async () => (await house.room.status())?.broker;
  await house.start();
  expect(await broker()).toBe(house.broker.url);
  await house.broker.down('SIGKILL');
  await house.until('the loss', async () => (await house.room.status())?.online === false);
  // An alarm goes to the second at the first failure.
  house.room.box.press(1);
  await house.until('the second broker', async () => (await broker()) === second.url, 15_000);
  const faults = (await house.room.status())?.faults.map(({ fault }) => fault);
  expect(faults).toContain('uplink.on-second');
});
