// A dome that says yes and does nothing is found out wherever it can be asked: where it looks, how its
// picture is set; one sentence, once it is sure, until it is well. One that does not lie is never called a
// liar, however slow it is and however little it tells. Relays: test/contract/dome-quirks-switch.test.ts.

import { describe, expect, type TestContext, test } from 'vitest';
import {
  faults,
  onlyStrobe,
  opened,
  pass,
  patient,
  soon,
  told,
  well,
} from '#test/contract/dome-quirks-bench.ts';
import { until } from '#test/support/wait.ts';
import { type Bench, type BenchOptions, dark, recipes } from './support.ts';

const preset = { alarm: 'alarm', guard: '1' };
const there = { ...dark, preset: 'alarm' } as const;
const stands = (one: Bench, token: string) =>
  until(
    () =>
      one.sim.motion.stillSinceMs !== null &&
      one.sim.motion.position.pan === one.sim.presets.at(token)?.pan,
    soon(`the dome at preset ${token}`),
  );

/** It was at both its presets, and is believed: it has been seen to arrive. */
async function trusted(context: TestContext, options: BenchOptions = {}): Promise<Bench> {
  const one = await opened(context, { profile: { ...onlyStrobe, preset }, ...options });
  await stands(one, '1');
  one.dome.want(there);
  await stands(one, '2');
  await pass(one, 1);
  one.dome.want(dark);
  await stands(one, '1');
  await pass(one, 1);
  return one;
}

describe.concurrent('a dome that says yes and does not turn', patient, () => {
  test('is sent again, told in one sentence, and well when it turns', async (context) => {
    const one = await trusted(context);
    one.sim.quirks.ignore.push('GotoPreset');
    one.dome.want(there);
    await faults(one, '+dome.preset');
    expect(told(one)).toBe(
      'dome.preset: preset alarm was not reached: the dome says yes and does not turn; ' +
        'see that the dome has it, and turns',
    );
    one.sim.quirks.ignore.length = 0;
    await stands(one, '2');
    await faults(one, '+dome.preset -dome.preset');
  });

  test('once is no fault: it is sent again, and that is all', async (context) => {
    const one = await trusted(context);
    one.sim.quirks.withoutEffect = 1;
    one.dome.want(there);
    await stands(one, '2');
    await pass(one, 3);
    expect(well(one)).toBe(true);
  });

  test('fails the test of its preset', async (context) => {
    const one = await trusted(context);
    const run = async (id: string) => {
      const deadlineMs = one.clock.now().monoMs + 15_000;
      one.dome.run({ id, what: 'test.preset', deadlineMs });
      const ended = () => [...one.facts.of('job.done'), ...one.facts.of('job.failed')].at(-1);
      return await until(() => ended()?.id === id && ended(), soon('its end'));
    };
    expect(await run('job-1')).toMatchObject({ result: { verified: true } });
    await stands(one, '1');
    one.sim.quirks.ignore.push('GotoPreset');
    expect(await run('job-2')).toMatchObject({
      ...{ kind: 'job.failed', reason: 'the dome says yes and does not turn' },
    });
  });
});

/** To its alarm preset and back, twice, with time for whatever it tells late. */
async function walksBetween(one: Bench, seconds: number): Promise<void> {
  for (const target of [there, dark, there, dark]) {
    one.dome.want(target);
    await stands(one, target === dark ? '1' : '2');
    await pass(one, seconds);
  }
  expect(well(one)).toBe(true);
}

describe.concurrent('is no liar: a dome that', patient, () => {
  const profile = { ...onlyStrobe, preset };

  test.for<[what: string, quirks: Partial<Bench['sim']['quirks']>, seconds: number]>([
    ['tells MOVING for ever', { moveStatus: 'frozen' }, 4],
    ['tells one place for ever', { statusLateMs: 1e9 }, 4],
    ['tells half a minute late where it looks', { statusLateMs: 6000 }, 9],
    ['tells nothing of where its presets look', { placelessPresets: true }, 4],
    ['does not tell where it looks', { refuse: ['GetStatus'] }, 4],
  ])('%s', async ([, quirks, seconds], context) => {
    const one = await opened(context, { profile }, ({ sim }) => {
      Object.assign(sim.quirks, quirks);
    });
    await stands(one, '1');
    await walksBetween(one, seconds);
  });

  test('is slow', async (context) => {
    const motion = { panPerSecond: 0.05, tiltPerSecond: 0.1, secondsToFullSpeed: 1 };
    const one = await opened(context, { profile, sim: { motion } });
    await stands(one, '1');
    await walksBetween(one, 1);
  });

  test('has its preset saved anew where it looks already', async (context) => {
    const one = await trusted(context);
    one.sim.presets.set('2', null, one.sim.motion.position);
    one.dome.want(there);
    await pass(one, 12);
    expect(well(one)).toBe(true);
  });

  test('is turned by somebody else on its way', async (context) => {
    const one = await trusted(context);
    one.dome.want(there);
    await until(() => one.sim.motion.stillSinceMs === null, soon('the dome to turn'));
    one.sim.motion.absolute({ pan: -0.6, tilt: 0.3 });
    await pass(one, 12);
    expect(one.sim.motion.position.pan).toBeCloseTo(-0.6, 2);
    expect(well(one)).toBe(true);
  });
});

describe.concurrent('the picture for the light', patient, () => {
  const dayNight = { ...onlyStrobe, dayNight: [recipes.picture] };

  test('that is said to be set and is not, is a fault until it is', async (context) => {
    const one = await opened(context, { profile: dayNight });
    one.sim.quirks.ignore.push('SetImagingSettings');
    one.dome.want({ ...dark, dayNight: true });
    await faults(one, '+dome.day-night');
    expect(told(one)).toMatch(
      /^dome.day-night: the picture .* \(infrared filter ON: said yes, and then told AUTO\); test it/,
    );
    one.sim.quirks.ignore.length = 0;
    await until(() => one.sim.imaging.irCutFilter === 'ON', soon('the filter'));
    await faults(one, '+dome.day-night -dome.day-night');
  });

  test('that was not set once is set again, and no fault', async (context) => {
    const one = await opened(context, { profile: dayNight });
    // The command without effect is to be the filter's, not another off of the light's.
    await pass(one, 13);
    one.sim.quirks.withoutEffect = 1;
    one.dome.want({ ...dark, dayNight: true });
    await until(() => one.sim.imaging.irCutFilter === 'ON', soon('the filter'));
    expect(one.sim.quirks.withoutEffect).toBeLessThan(1);
    await pass(one, 3);
    expect(well(one)).toBe(true);
  });

  test('that the dome does not tell is believed', async (context) => {
    const one = await opened(context, { profile: dayNight }, ({ sim }) => {
      sim.quirks.untoldFilter = true;
    });
    one.dome.want({ ...dark, dayNight: true });
    await until(() => one.sim.imaging.irCutFilter === 'ON', soon('the filter'));
    await pass(one, 10);
    expect(well(one)).toBe(true);
  });
});
