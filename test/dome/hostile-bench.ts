// A bench whose dome can turn hostile, at a pace that suits several of them at once.

import { expect, type TestContext } from 'vitest';
import { until } from '#test/support/wait.ts';
import { alarm, type Bench, type BenchOptions, bench, dark, quickClock } from './support.ts';

/** Half of what other suites take: several domes at once, and the driver's 2 s must not pass by chance. */
export const speed = 5;
export const hostileAt = (times: number) => ({
  hostileTimes: {
    dripMs: 1000 / times,
    rebootEveryMs: 20_000 / times,
    rebootDownMs: 3000 / times,
  },
});

export async function made(context: TestContext, options: BenchOptions = {}): Promise<Bench> {
  const one = await bench({
    clock: quickClock(speed),
    ...options,
    sim: { ...hostileAt(speed), ...options.sim },
  });
  context.onTestFinished(() => one.close());
  return one;
}

/** Seconds of the driver's own time. */
export const pass = ({ clock }: Bench, s: number) => {
  const endMs = clock.now().monoMs + s * 1000;
  return until(() => clock.now().monoMs > endMs, { withinMs: s * 1000, what: `${s} s` });
};
export const soon = (what: string) => ({ withinMs: 15_000, what });

/** Connected and dark, looking where the guard wants it. */
export async function settled(context: TestContext, options: BenchOptions = {}): Promise<Bench> {
  const one = await made(context, options);
  one.dome.want(dark);
  await one.open();
  await until(() => one.sim.actuators.preset === '1', soon('the guard preset'));
  await pass(one, 11);
  one.forgetLog();
  return one;
}

export const isAlarm = ({ sim }: Bench) =>
  sim.actuators.strobe && sim.actuators.siren && sim.actuators.preset === '2';
export const alarmed = (one: Bench) => until(() => isAlarm(one), soon('light, siren and preset'));

/** Every fault that was told, a line each. */
export const told = ({ facts }: Bench): string =>
  facts
    .of('fault.raised')
    .map(({ fault, detail }) => `${fault}: ${detail}`)
    .join('\n');

/** Never blocks, whatever the dome does. */
export function wantAlarm({ dome }: Bench): void {
  const startMs = performance.now();
  dome.want(alarm);
  expect(performance.now() - startMs).toBeLessThan(200);
}
