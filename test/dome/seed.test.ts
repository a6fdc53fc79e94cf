// A simulated dome from a number: the same each time, each another, and what it promises is so. Seen with
// npm onvif, which is not ours, and with plain requests.

import { Cam } from 'onvif';
import { afterEach, expect, test } from 'vitest';
import { actuatorNames } from '#agent/sim/dome/actuators.ts';
import type { SimDome } from '#agent/sim/dome/dome.ts';
import { seeded, startSeeded } from '#agent/sim/dome/seed.ts';
import { within } from '#test/support/wait.ts';

let sim: SimDome | null = null;
afterEach(async () => {
  await sim?.close();
  sim = null;
});

const seeds = Array.from({ length: 200 }, (_, n) => n + 1);

test('the same number is the same dome, another number another', () => {
  expect(seeded(7)).toEqual(seeded(7));
  const different = new Set(seeds.map((seed) => JSON.stringify(seeded(seed).options)));
  expect(different.size).toBe(seeds.length);
});

test('200 of them have every way, every login, and each quirk', () => {
  const all = seeds.map(seeded);
  for (const name of actuatorNames) {
    const counts = all.map(({ ways }) => ways[name].length);
    expect(Math.min(...counts)).toBe(0);
    expect(Math.max(...counts)).toBe(2);
  }
  const ways = new Set(all.flatMap((one) => Object.values(one.ways).flat()));
  expect([...ways].sort()).toEqual([
    ...['clip', 'coaxial', 'device', 'isapi', 'preset', 'ptz', 'relay', 'track'],
  ]);
  expect(new Set(all.map(({ options }) => options.auth)).size).toBe(3);
  for (const quirk of ['timeNeedsPassword', 'media2Broken'] as const)
    expect(new Set(all.map(({ options }) => options[quirk])).size).toBe(2);
  expect(all.some(({ options }) => options.advertisedHost)).toBe(true);
  expect(all.some(({ unknownAnswers200 }) => unknownAnswers200)).toBe(true);
});

/** Hikvision, Dahua, Uniview, TVT, Axis, and one of nobody known. */
const everyMake = [8, 29, 12, 6, 7, 3];

test('the six makes are there', () => {
  const names = everyMake.map((seed) => seeded(seed).options.identity?.manufacturer);
  expect(names).toEqual(['HIKVISION', 'dahua', 'UNIVIEW', 'TVT', 'AXIS', 'IPC']);
});

test.each(everyMake)('npm onvif reads dome %i as it was made', async (seed) => {
  const one = seeded(seed);
  const { auth, identity } = one.options;
  // What the library cannot do is not what is asked here: a clock behind a password, an address behind NAT.
  sim = await startSeeded(one, { timeNeedsPassword: false, advertisedHost: '127.0.0.1' });
  const cam = new Cam({
    ...{ hostname: '127.0.0.1', port: sim.port, username: 'admin', password: 'secret' },
    ...{ useWSSecurity: auth !== 'digest', autoconnect: false, timeout: 5000 },
  });
  const told = await within(
    new Promise<{ model?: unknown }>((done, failed) => {
      cam.getSystemDateAndTime((error) => {
        if (error) return failed(error);
        cam.getDeviceInformation((wrong, information) =>
          wrong || !information ? failed(wrong) : done(information),
        );
      });
    }),
    { withinMs: 10_000, what: 'npm onvif' },
  );
  expect(String(told.model)).toBe(identity?.model);
});
