// What every dome keeps to that can be turned by hand: a part of its contract.

import { expect, test } from 'vitest';
import type { DomeTarget } from '#agent/core/target.ts';
import { alarm, dark, lights } from '#test/dome/support.ts';
import { until, within } from '#test/support/wait.ts';
import { type DomeRig, seconds } from './dome.suite.ts';

export interface StickScene {
  readonly rig: () => DomeRig;
  readonly open: () => Promise<void>;
  readonly looks: (wanted: object) => Promise<unknown>;
  readonly pass: (s: number) => Promise<unknown>;
}

/** Inside the suite of a dome. */
export function stickTests({ rig, open, looks, pass }: StickScene): void {
  const stands = (s = 5) =>
    until(() => rig().standsAt() !== null, { withinMs: seconds(s), what: 'the dome to stand' });
  const turns = () =>
    until(() => rig().standsAt() === null, { withinMs: seconds(5), what: 'the dome to turn' });
  const settled = async () => {
    await open();
    rig().dome.want(dark);
    await looks(lights(dark));
    await stands();
  };
  /** As the stick has it, for half a second from now; for more where the bench must keep it up. */
  const turned = (pan: number, ms = 500): DomeTarget => {
    const motion = { pan, tilt: 0, zoom: 0, untilMs: rig().nowMs() + ms };
    return { ...dark, preset: null, motion };
  };

  test('a move turns it, goes on while it is renewed, and ends by itself', async () => {
    await settled();
    const from = rig().standsAt() ?? 0;
    const endMs = rig().nowMs() + 2000;
    while (rig().nowMs() < endMs) {
      rig().dome.want(turned(0.5, 3000));
      await pass(0.2);
    }
    expect(rig().standsAt(), 'it turns').toBeNull();
    await stands(5);
    const way = (rig().standsAt() ?? 0) - from;
    expect(way).toBeGreaterThan(0.2);
    await pass(3);
    expect(rig().standsAt()).toBeCloseTo(from + way, 3);
    expect(rig().facts.faults).toBe('');
  });

  test('a move that is taken back ends, and the dome stays where it was turned', async () => {
    await settled();
    rig().dome.want(turned(-1));
    await turns();
    rig().dome.want({ ...dark, preset: null });
    await stands(2);
    expect(rig().standsAt()).toBeLessThan(0);
    await pass(3);
    expect(rig().look().preset).toBe('guard');
    expect(rig().standsAt()).toBeLessThan(0);
  });

  test('an alarm in mid-move: the light, and its preset', async () => {
    await settled();
    rig().dome.want(turned(1));
    await turns();
    rig().dome.want(alarm);
    await looks(lights(alarm));
    await stands();
    const at = rig().standsAt() ?? 0;
    await pass(3);
    expect(rig().look()).toEqual(lights(alarm));
    expect(rig().standsAt()).toBe(at);
  });

  test('what the holder of the stick asks for is done once, and told', async () => {
    await settled();
    const job = { id: 'job-1', what: 'stick.do', deadlineMs: rig().nowMs() + 10_000 } as const;
    rig().dome.want({ ...dark, preset: null });
    const act = { op: 'preset', preset: 'alarm' } as const;
    for (let n = 0; n < 2; n += 1) rig().dome.run({ ...job, act });
    await looks({ preset: 'alarm' });
    const done = () => rig().facts.of('job.done')[0];
    expect(await until(done, { withinMs: seconds(5), what: 'job.done' })).toMatchObject({
      ...{ id: 'job-1', result: { preset: expect.any(String) } },
    });
    await pass(3);
    expect(rig().facts.of('job.done').length).toBe(1);
    expect(rig().look().preset).toBe('alarm');
  });

  test('close() in mid-move: it stands', async () => {
    await settled();
    rig().dome.want({ ...turned(0.5), motion: { pan: 0.5, tilt: 0, zoom: 0, untilMs: 1e12 } });
    await turns();
    await within(rig().dome.close(), { withinMs: 1000, what: 'close' });
    await stands(2);
  });
}
