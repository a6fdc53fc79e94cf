// The stick at a dome as domes are: judged by where it looks and whether it stands, by the dome's own clock,
// which runs at half the speed so that a busy machine is no bad dome.

import { afterEach, describe, expect, test } from 'vitest';
import type { StickAct, Velocity } from '#agent/core/command.ts';
import type { Clock } from '#agent/ports.ts';
import { until } from '#test/support/wait.ts';
import { actOn, settledBench, standing, withinMs } from './stick-bench.ts';
import { alarm, type Bench, type BenchOptions, dark, quickClock, slow } from './support.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

const still: Velocity = { pan: 0, tilt: 0, zoom: 0 };
const noPresets = { preset: { alarm: null, guard: null } };
const moving = ({ sim }: Bench) =>
  until(() => sim.motion.stillSinceMs === null, { withinMs, what: 'the dome to turn' });
const passed = ({ clock }: Bench, ms: number) => {
  const endMs = clock.now().monoMs + ms;
  return until(() => clock.now().monoMs >= endMs, { withinMs, what: `${ms} ms` });
};
const asked = ({ sim }: Bench, what: string) => sim.log.filter((one) => one.what === what);

const settled = (options: BenchOptions = {}, clock?: Clock) =>
  settledBench(benches, options, clock);

/** As the stick has it for half a second; tells when that is over. */
function push(one: Bench, velocity: Partial<Velocity>, ms = 500): number {
  const untilMs = one.clock.now().monoMs + ms;
  one.dome.want({ ...dark, preset: null, motion: { ...still, ...velocity, untilMs } });
  return untilMs;
}

describe('a move', () => {
  test('begins with one request, and the dome stands soon after its half second', async () => {
    const one = await settled();
    const untilMs = push(one, { pan: 0.4, tilt: -0.2, zoom: 0.1 });
    await moving(one);
    const stoodMs = await standing(one);
    // The simulated dome takes 60 ms to heed it and 100 to brake.
    expect(stoodMs - untilMs).toBeGreaterThan(0);
    expect(stoodMs - untilMs).toBeLessThan(250);
    const { pan, tilt, zoom } = one.sim.motion.position;
    expect([pan > 0.05, tilt < -0.05, zoom > 0.01]).toEqual([true, true, true]);
    // What has no Timeout is the end.
    const moves = asked(one, 'ContinuousMove').filter(({ body }) => body.includes('Timeout'));
    expect(moves.map(({ accepted }) => accepted)).toEqual([true]);
    expect(one.facts.faults).toBe('');
  });

  test('the newest wins on a slow dome, which is asked one thing at a time', async () => {
    const one = await settled();
    one.sim.quirks.latencyMs = 150 / slow;
    for (let n = 0; n < 40; n += 1) {
      push(one, { pan: n % 2 ? 0.3 : -0.3, tilt: n / 100 });
      await passed(one, 20);
    }
    push(one, { tilt: 0.5 });
    await passed(one, 400);
    const before = one.sim.motion.position;
    await passed(one, 50);
    const after = one.sim.motion.position;
    expect(after.pan - before.pan).toBeCloseTo(0, 2);
    expect(after.tilt).toBeGreaterThan(before.tilt);
    expect(asked(one, 'ContinuousMove').length).toBeLessThan(12);
  });

  test('that lasts is said again, since the dome would end it', async () => {
    const one = await settled({ sim: { motion: { timeoutMs: 1000 } } });
    push(one, { pan: 0.1 }, 3000);
    await passed(one, 2500);
    expect(one.sim.motion.stillSinceMs).toBeNull();
    expect(asked(one, 'ContinuousMove').length).toBeGreaterThan(3);
    await standing(one);
  });

  test('is turned by a dome that refuses a Timeout', async () => {
    const one = await settled();
    one.sim.quirks.refuse.push('Timeout');
    push(one, { pan: 0.4 });
    await moving(one);
    await standing(one);
    expect(one.sim.motion.position.pan).toBeGreaterThan(0.05);
    one.forgetLog();
    push(one, { pan: -0.4 });
    await moving(one);
    await standing(one);
    expect(asked(one, 'ContinuousMove').every(({ status }) => status === 200)).toBe(true);
    expect(one.facts.faults).toBe('');
  });

  test('only the axis that is left stops, where the dome takes one at a time', async () => {
    const one = await settled();
    one.sim.quirks.refuse.push('Timeout', 'Zoom');
    push(one, { pan: 0.3 });
    await moving(one);
    one.sim.quirks.refuse.length = 0;
    push(one, { zoom: 0.3 }, 1500);
    await passed(one, 700);
    const { pan } = one.sim.motion.position;
    await passed(one, 100);
    expect(one.sim.motion.position.pan).toBe(pan);
    expect(one.sim.motion.position.zoom).toBeGreaterThan(0);
  });
});

describe('it stands', () => {
  const runaway = { sim: { motion: { ignoresTimeout: true } } };

  test.each([
    [
      'says yes to the Stop and does not',
      ({ sim }: Bench) => void Object.assign(sim.quirks, { withoutEffect: 1 }),
    ],
    ['refuses the Stop', ({ sim }: Bench) => void sim.quirks.refuse.push('Stop')],
    ['never answers the Stop', ({ sim }: Bench) => void sim.quirks.hang.push('Stop')],
    ['cuts the connection', ({ sim }: Bench) => void sim.quirks.cut.push('Stop')],
    ['does not tell whether', ({ sim }: Bench) => void sim.quirks.refuse.push('GetStatus')],
  ])('though the dome %s', async (_, set) => {
    const one = await settled(runaway);
    push(one, { pan: 0.2 });
    await moving(one);
    set(one);
    const { monoMs } = one.clock.now();
    one.dome.want({ ...dark, preset: null });
    const stoodMs = await standing(one);
    expect(stoodMs - monoMs).toBeLessThan(2000);
    expect(one.facts.faults).toBe('');
  });

  test('a dome lost in mid-move is stopped when it is back', async () => {
    const one = await settled(runaway);
    push(one, { pan: 0.05 });
    await moving(one);
    one.sim.quirks.cut.push('');
    await passed(one, 1500);
    expect(one.sim.motion.stillSinceMs, 'it runs on').toBeNull();
    one.sim.quirks.cut.length = 0;
    await standing(one);
  });

  test('one that does not stop at all is a fault, and no longer one when it stands', async () => {
    const one = await settled({ ...runaway, ...{ profile: noPresets } }, quickClock(1));
    push(one, { pan: 0.05 });
    await moving(one);
    one.sim.quirks.withoutEffect = 1000;
    await until(() => one.facts.faults === '+dome.stick', { withinMs, what: 'the fault' });
    expect(one.facts.of('fault.raised')[0]?.detail).toContain('does not stop');
    one.sim.quirks.withoutEffect = 0;
    await until(() => one.facts.faults === '+dome.stick -dome.stick', {
      withinMs,
      what: 'its end',
    });
    expect(one.sim.motion.stillSinceMs).not.toBeNull();
  });
});

test('an alarm in mid-move: the light first, then the Stop, then the preset', async () => {
  const one = await settled({ sim: { auth: 'token' } });
  push(one, { pan: -0.5 });
  await moving(one);
  one.forgetLog();
  one.dome.want(alarm);
  await until(() => one.sim.actuators.preset === '2', { withinMs, what: 'the alarm preset' });
  const order = one.sim.log.map(({ what }) => what).filter((what) => !what.startsWith('Get'));
  expect(order.slice(0, 2)).toEqual(['SetRelayOutputState', 'Stop']);
  expect(order.indexOf('GotoPreset')).toBeGreaterThan(order.lastIndexOf('Stop'));
  await standing(one);
  const alarmPreset = one.sim.presets.at('2');
  expect(one.sim.motion.position.pan).toBeCloseTo(alarmPreset?.pan ?? 9, 2);
});

describe('what is no move', () => {
  test('goes where it is sent', async () => {
    const motion = { panPerSecond: 5, tiltPerSecond: 5, zoomPerSecond: 5 };
    const one = await settled({ sim: { motion } }, quickClock(1));
    const at = async (what: StickAct) => {
      expect(await actOn(one, what)).toMatchObject({ kind: 'job.done' });
      await standing(one);
      return one.sim.motion.position;
    };
    const near = (place: Velocity) => ({
      pan: expect.closeTo(place.pan, 2),
      tilt: expect.closeTo(place.tilt, 2),
      zoom: expect.closeTo(place.zoom, 2),
    });
    const first = { pan: 0.3, tilt: -0.2, zoom: 0.4 };
    expect(await at({ op: 'absolute', ...first })).toEqual(near(first));
    const second = { pan: 0.2, tilt: -0.2, zoom: 0.4 };
    expect(await at({ op: 'relative', pan: -0.1, tilt: 0, zoom: 0 })).toEqual(near(second));
    const third = { ...second, zoom: 0.9 };
    expect(await at({ op: 'zoom', to: 0.9 })).toEqual(near(third));
    const fourth = { ...third, tilt: 0.1 };
    const tilted = await at({ op: 'absolute', pan: null, tilt: 0.1, zoom: null });
    expect(tilted).toEqual(near(fourth));
    expect(await at({ op: 'home' })).toEqual(near(one.sim.presets.home));
    const there = one.sim.presets.at('2');
    expect(await at({ op: 'preset', preset: 'alarm' })).toEqual(near(there ?? still));
  });

  test('wiper, light, focus and the list of presets', async () => {
    const one = await settled();
    const done = { kind: 'job.done' };
    for (const on of [true, false]) {
      expect(await actOn(one, { op: 'wiper', on })).toMatchObject(done);
      expect(await actOn(one, { op: 'light', on })).toMatchObject(done);
      expect([one.sim.actuators.wiper, one.sim.actuators.light]).toEqual([on, on]);
    }
    const { imaging } = one.sim;
    expect(await actOn(one, { op: 'focus', to: 'far' })).toMatchObject(done);
    const far = imaging.focus;
    expect([far > 0, imaging.autoFocus]).toEqual([true, false]);
    expect(await actOn(one, { op: 'focus', to: 'near' })).toMatchObject(done);
    expect(imaging.focus).toBeLessThan(far);
    await until(() => !imaging.focusing, { withinMs, what: 'the focus to stand' });
    expect(await actOn(one, { op: 'focus', to: 'auto' })).toMatchObject(done);
    expect(imaging.autoFocus).toBe(true);
    expect(await actOn(one, { op: 'presets' })).toMatchObject({
      result: { presets: expect.arrayContaining([{ token: '2', name: 'alarm' }]) },
    });
  });

  test('what the dome does not do has failed', async () => {
    const one = await settled();
    one.sim.quirks.refuse.push('GotoPreset', 'tt:Wiper');
    expect(await actOn(one, { op: 'preset', preset: '2' })).toMatchObject({ kind: 'job.failed' });
    expect(await actOn(one, { op: 'preset', preset: 'nowhere' })).toMatchObject({
      kind: 'job.failed',
      reason: expect.stringContaining('GotoPreset'),
    });
  });
});
