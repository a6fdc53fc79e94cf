// The light is as the incidents are, whatever dome and daemon go through: a dome that reboots and forgets
// in mid-alarm, a daemon that is dead while the platform resolves.

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminalId } from '#agent/sim/room.ts';
import { House } from './support/house.ts';
import { resolvedMeanwhile } from './support/resolved-meanwhile.ts';

let house: House;

beforeAll(async () => {
  house = await House.open({ buttons: 1 });
});
afterAll(() => house.close());

test('a dome that reboots in mid-alarm lights again', async () => {
  const { box, dome, platform } = house.room;
  await house.start();
  await box.tap(1);
  const isOn = () => dome.actuators.strobe && dome.actuators.siren;
  const isTurned = () => dome.actuators.preset === '2';
  await house.until('strobe, siren and alarm preset', () => isOn() && isTurned());
  for (const downMs of [100, 3_000, 12_000]) {
    await dome.down({ forget: true });
    expect(dome.actuators.strobe, 'it forgets').toBe(false);
    await pause(downMs);
    await dome.up();
    const backMs = performance.now();
    // One that was gone for less than the driver's polls is not missed, and not turned again.
    const isBack = () => isOn() && (downMs < 10_000 || isTurned());
    await house.until(`all of it after ${downMs} ms`, isBack, 5_000);
    console.log(
      `dome: gone for ${downMs} ms, on ${Math.round(performance.now() - backMs)} ms later`,
    );
  }
  for (const incident of house.open) await platform.desk.resolve(terminalId, incident);
  await house.until('the strobe to be off', () => !dome.actuators.strobe, 5_000);
  await house.room.daemon.end('SIGTERM');
});

test('a daemon that was dead for 5 s while its alarm was resolved puts the light out', async () => {
  const offMs = await resolvedMeanwhile(house, 5_000);
  console.log(`dome: off ${offMs} ms after the start`);
});
