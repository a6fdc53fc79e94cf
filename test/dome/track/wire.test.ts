// The agent after a person by the wire: RTSP, SOAP and real time, at half the speed so that a busy machine is
// no bad dome; judged by where the simulated dome looks. Figures: test/bench/track.ts.

import { afterAll, describe, expect, test } from 'vitest';
import type { DomeTarget } from '#agent/core/target.ts';
import { gateView, stander, straight } from '#agent/sim/dome/analytics/walks.ts';
import { aimAt, boxOf, type World } from '#agent/sim/dome/analytics/world.ts';
import type { SimDomeOptions } from '#agent/sim/dome/dome.ts';
import { until } from '#test/support/wait.ts';
import { settledBench, standing } from '../stick-bench.ts';
import { alarm, type Bench, dark, quickClock, slow } from '../support.ts';

// Side by side: they wait more than they compute.
const benches: Bench[] = [];
afterAll(async () => {
  for (const one of benches.splice(0)) await one.close();
});

const withinMs = 30_000;
const home = { pan: -0.3, tilt: 0, zoom: 0 };
const pursued: DomeTarget = { ...alarm, siren: false, tracking: true };

/** One who walks past at 1.5 m/s. */
const past = (): World => ({
  things: [straight({ x: -4, y: 15 }, { x: 1.5, y: 0 })],
  trees: [],
});

/** `times`: as fast as the clock goes. */
async function facing(
  world: World,
  sim: SimDomeOptions = {},
  { profile = {}, times = slow }: { profile?: object; times?: number } = {},
): Promise<Bench> {
  const presets = [
    { token: '1', name: 'guard', position: home },
    { token: '2', name: 'alarm', position: gateView },
  ];
  const clock = quickClock(times);
  const analytics = { after: (ms: number, call: () => void) => clock.after(ms, call) };
  const one = await settledBench(
    benches,
    {
      sim: { presets, analytics, ...sim },
      profile: { tracking: [{ kind: 'agent' }], ...profile },
    },
    clock,
  );
  one.sim.inside.analytics?.play(world);
  return one;
}

/** Where the first of a world's people is in the picture. */
function shown({ sim }: Bench, world: World): { x: number; y: number } | null {
  const [person] = world.things;
  const at = person?.at(sim.inside.analytics?.seconds ?? 0);
  const box = person && at && boxOf(person, at, sim.motion.position);
  return box ? { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 } : null;
}

const isNear = (one: Bench, world: World, part: number): boolean => {
  const { x, y } = shown(one, world) ?? { x: 9, y: 9 };
  return Math.abs(x) < part && Math.abs(y) < part;
};
const asked = ({ sim }: Bench, what: string) => sim.log.filter((one) => one.what === what);

/** Share of the next seconds, by the dome's clock, in which he is near the middle. */
async function shareOf(one: Bench, world: World, part: number, seconds: number): Promise<number> {
  const endMs = one.clock.now().monoMs + seconds * 1000;
  const seen: boolean[] = [];
  await until(() => seen.push(isNear(one, world, part)) && one.clock.now().monoMs > endMs, {
    withinMs: (seconds * 1000) / slow + 5000,
    what: 'the walk',
  });
  return seen.filter(Boolean).length / seen.length;
}

describe.concurrent('a person who walks past', () => {
  test.each([
    ['moves in halves of its picture', true, 'RelativeMove'],
    ['is turned by speeds', false, 'ContinuousMove'],
  ] as const)('is kept in the picture of a dome that %s', async (_, fovSpace, order) => {
    const world = past();
    const one = await facing(world, { fovSpace });
    one.dome.want(pursued);
    const isFollowed = () => asked(one, order).length > 2 && isNear(one, world, 0.15);
    await until(isFollowed, { withinMs, what: 'him in the middle' });
    expect(await shareOf(one, world, 0.3, 4)).toBeGreaterThan(0.85);
    expect(asked(one, order).length).toBeGreaterThan(5);
    expect(one.facts.of('dome.followed').length).toBeGreaterThan(0);
    expect(one.facts.faults).toBe('');
    one.dome.want({ ...dark });
    await until(() => one.sim.motion.position.pan === home.pan, { withinMs, what: 'the guard' });
    await until(() => !one.sim.inside.analytics?.watched, { withinMs, what: 'the end of it' });
    one.forgetLog();
    await standing(one);
    expect(asked(one, order)).toEqual([]);
  });
});

describe.concurrent('the stick', () => {
  test('has the dome at once, and nothing of the agent disturbs it', async () => {
    const world = past();
    const one = await facing(world);
    one.dome.want(pursued);
    const isFollowed = () => asked(one, 'RelativeMove').length > 2;
    await until(isFollowed, { withinMs, what: 'the dome after him' });
    const { pan } = one.sim.motion.position;
    one.forgetLog();
    const away = { pan: -0.3, tilt: 0, zoom: 0 };
    const push = () => {
      const untilMs = one.clock.now().monoMs + 1500;
      one.dome.want({ ...pursued, preset: null, tracking: false, motion: { ...away, untilMs } });
    };
    push();
    await until(() => one.sim.motion.position.pan < pan - 0.05, { withinMs, what: 'the way' });
    await standing(one);
    const after = one.sim.log.map(({ what }) => what);
    expect(after.filter((what) => what === 'ContinuousMove').length).toBeGreaterThan(0);
    expect(after.indexOf('RelativeMove')).toBeLessThanOrEqual(after.indexOf('ContinuousMove'));
    expect(one.sim.inside.analytics?.watched).toBe(false);
  });
});

describe.concurrent('a dome', () => {
  const still = { things: [stander({ x: 3, y: 15 })], trees: [] };

  test('that reboots in mid-alarm is turned after him again', async () => {
    const one = await facing(still);
    one.dome.want(pursued);
    await until(() => isNear(one, still, 0.1), { withinMs, what: 'him in the middle' });
    await one.sim.reboot();
    one.sim.motion.absolute(home);
    await until(() => isNear(one, still, 0.1), { withinMs, what: 'him in the middle again' });
  });

  test('without such a stream is one fault in one sentence, and is at its alarm preset', async () => {
    const one = await facing(still, { analytics: null }, { times: 4 });
    one.dome.want(pursued);
    await until(() => one.facts.faults !== '', { withinMs, what: 'the fault' });
    expect(one.facts.faults).toBe('+dome.tracking');
    const [fault] = one.facts.of('fault.raised');
    expect(fault?.detail).toContain('its stream has no metadata');
    expect(one.sim.motion.position).toEqual(gateView);
  });

  test('whose stream wants another password is asked once', async () => {
    const one = await facing(still, {}, { times: 4 });
    one.sim.rtsp.faults.password = 'another';
    one.dome.want(pursued);
    await until(() => one.facts.faults !== '', { withinMs, what: 'the fault' });
    const [fault] = one.facts.of('fault.raised');
    expect(fault?.detail).toContain('user or password refused');
    const tries = () => one.sim.rtsp.log.filter(({ status }) => status === 401).length;
    const before401 = tries();
    const endMs = performance.now() + 3000;
    await until(() => performance.now() > endMs, { withinMs, what: 'three seconds' });
    expect(tries()).toBe(before401);
  });

  test('with a range is turned to its border and not beyond', async () => {
    const range = { pan: [-0.5, 0.045], tilt: [-1, 1] };
    const one = await facing(still, {}, { profile: { range }, times: 1 });
    one.dome.want(pursued);
    const target = aimAt(stander({ x: 3, y: 15 }), { x: 3, y: 15 });
    expect(target.pan).toBeGreaterThan(0.05);
    await until(() => one.sim.motion.position.pan > 0.02, { withinMs, what: 'the border' });
    const share = await shareOf(one, still, 1, 2);
    expect(share).toBe(1);
    expect(one.sim.motion.position.pan).toBeLessThanOrEqual(0.045);
    expect(asked(one, 'RelativeMove')).toEqual([]);
  });
});
