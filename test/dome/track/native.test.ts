// A dome that follows by itself, over SOAP: that it has found somebody is told when it turns after it
// stood, and not for what it was told to do.

import { afterEach, expect, test } from 'vitest';
import { until } from '#test/support/wait.ts';
import { alarm, type Bench, bench, dark, quickClock, recipes } from '../support.ts';

const wait = { withinMs: 60_000 };
let one: Bench | null = null;
afterEach(() => one?.close());

const followedBy = async (profile: object): Promise<Bench> => {
  one = await bench({ profile, clock: quickClock(4) });
  await one.open();
  one.dome.want({ ...dark });
  const { sim } = one;
  await until(() => sim.log.some(({ what }) => what === 'GetProfiles'), { ...wait, what: 'it' });
  one.dome.want({ ...alarm });
  return one;
};
const looks = ({ sim }: Bench) => sim.log.filter(({ what }) => what === 'GetStatus').length;

test('tells that it has met somebody, once for as long as it turns', async () => {
  const { sim, facts, clock, dome } = await followedBy({ tracking: [recipes.following] });
  await until(() => sim.actuators.tracking, { ...wait, what: 'its tracking' });
  const standsMs = clock.now().monoMs;
  await until(() => clock.now().monoMs - standsMs > 8_000, { ...wait, what: 'it to stand' });
  expect(facts.of('dome.followed')).toEqual([]);
  sim.motion.continuous({ pan: 0.1 }, 60_000);
  await until(() => facts.of('dome.followed').length > 0, { ...wait, what: 'the word' });
  const metMs = clock.now().monoMs;
  await until(() => clock.now().monoMs - metMs > 4_000, { ...wait, what: 'some seconds' });
  expect(facts.of('dome.followed')).toHaveLength(1);
  dome.want({ ...dark });
  await until(() => !sim.actuators.tracking, { ...wait, what: 'the end of it' });
  expect(facts.of('dome.followed')).toHaveLength(1);
});

test('and is not looked at where the profile knows of no such thing', async () => {
  const here = await followedBy({ tracking: [] });
  await until(() => here.sim.actuators.strobe, { ...wait, what: 'the alarm' });
  const fromMs = here.clock.now().monoMs;
  await until(() => here.clock.now().monoMs - fromMs > 8_000, { ...wait, what: 'its preset' });
  const before = looks(here);
  await until(() => here.clock.now().monoMs - fromMs > 16_000, { ...wait, what: 'some seconds' });
  expect(looks(here)).toBe(before);
});
