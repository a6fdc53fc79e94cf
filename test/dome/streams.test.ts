// Where the dome's pictures are to be had, as the driver tells it.

import { afterEach, describe, expect, test } from 'vitest';
import { until } from '#test/support/wait.ts';
import { type Bench, type BenchOptions, bench, dark } from './support.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

const withinMs = 10_000;
const told = (one: Bench) => one.facts.of('dome.streams').map(({ streams }) => streams);

async function opened(options: BenchOptions = {}, set: (one: Bench) => void = () => {}) {
  const one = await bench(options);
  benches.push(one);
  set(one);
  one.dome.want(dark);
  await one.open();
  await until(() => told(one).length > 0, { withinMs, what: 'its streams' });
  return one;
}

test('main, sub and snapshot, without user and password', async () => {
  const one = await opened();
  const [streams] = told(one);
  expect(streams).toEqual({
    main: one.sim.rtspUrl('main'),
    sub: one.sim.rtspUrl('sub'),
    snapshot: expect.stringMatching(new RegExp(`^http://127\\.0\\.0\\.1:${one.sim.port}/`)),
  });
  expect(JSON.stringify(streams)).not.toMatch(/admin|secret|@/);
});

test('behind NAT they are where the dome is configured to be', async () => {
  const one = await opened({ sim: { advertisedHost: '192.0.2.7' } });
  const { main, sub, snapshot } = told(one)[0] ?? {};
  for (const address of [main, sub, snapshot])
    expect(new URL(address ?? 'none:').hostname).toBe('127.0.0.1');
});

test('what a dome has not got is null, and a dome that cannot be turned has a picture', async () => {
  const one = await opened({}, ({ sim }) => {
    sim.quirks.refuse.push('GetSnapshotUri', 'GetPresets', 'GotoPreset');
  });
  expect(told(one)).toMatchObject([{ main: expect.any(String), snapshot: null }]);
});

describe('the profiles', () => {
  const h265 = { main: { codec: 'h265' } } as const;
  const offers = ['device', 'media2', 'ptz', 'imaging', 'events'] as const;

  test.each([
    ['a main stream that only Media2 has words for', { video: h265 }],
    ['a dome without the first media service', { offers }],
    ['a Media2 that is told and does not work', { media2Broken: true }],
  ])('%s', async (_, sim) => {
    const one = await opened({ sim });
    expect(told(one)).toMatchObject([
      { main: one.sim.rtspUrl('main'), sub: one.sim.rtspUrl('sub'), snapshot: expect.any(String) },
    ]);
    expect(one.facts.of('fault.raised')).toEqual([]);
  });
});

test('they are asked for again while the dome does not answer, and told once', async () => {
  const one = await bench();
  benches.push(one);
  one.sim.quirks.cut.push('GetStreamUri');
  one.dome.want(dark);
  await one.open();
  const asked = () => one.sim.log.filter(({ what }) => what === 'GetStreamUri').length > 0;
  await until(asked, { withinMs, what: 'a try' });
  expect(told(one)).toEqual([]);
  one.sim.quirks.cut.length = 0;
  await until(() => told(one).length === 1, { withinMs, what: 'its streams' });
  await one.sim.reboot({ downMs: 700 });
  const again = () => one.sim.log.filter(({ what }) => what === 'GetSnapshotUri').length >= 2;
  await until(again, { withinMs, what: 'another look' });
  expect(told(one).length).toBe(1);
});

test('a key picture out of turn is asked for once, of the stream, and not when it is too late', async () => {
  const one = await opened();
  const asked = () =>
    one.sim.log.flatMap(({ what, body }) =>
      what === 'SetSynchronizationPoint' ? [/ProfileToken>([^<]*)</.exec(body)?.[1]] : [],
    );
  const keyPictures = (main: number | null, sub: number | null) =>
    one.dome.want({ ...dark, keyPictures: { main, sub } });
  const { monoMs } = one.clock.now();
  keyPictures(monoMs - 1, monoMs + 5_000);
  keyPictures(monoMs - 1, monoMs + 5_000);
  await until(() => asked().length > 0, { withinMs, what: 'the question' });
  keyPictures(monoMs + 6_000, monoMs + 5_000);
  await until(() => asked().length > 1, { withinMs, what: 'the other' });
  expect(asked()).toEqual(['Profile_2', 'Profile_1']);
});

test('a dome that knows no such question is well all the same', async () => {
  const one = await opened({}, ({ sim }) => {
    sim.quirks.refuse.push('SetSynchronizationPoint');
  });
  const { monoMs } = one.clock.now();
  one.dome.want({ ...dark, keyPictures: { main: monoMs + 5_000, sub: null } });
  const refused = () =>
    one.sim.log.some(({ what, status }) => what === 'SetSynchronizationPoint' && status >= 400);
  await until(refused, { withinMs, what: 'the refusal' });
  expect(one.facts.of('fault.raised')).toEqual([]);
});
