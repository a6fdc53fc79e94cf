// What the tests of the quirks have in common: a bench a test, side by side; light and ears looked at.

import type { TestContext } from 'vitest';
import type { Ears } from '#agent/dome/hearing.ts';
import { type Bench, type BenchOptions, bench, dark, quickClock } from '#test/dome/support.ts';
import { until } from '#test/support/wait.ts';

/** Many domes side by side, on a machine that may be busy: the driver's 2 s must not pass by chance. */
export const speed = 3;
/** For what takes a moment, however busy the machine is. */
export const soon = (what: string) => ({ withinMs: 45_000, what });
export const patient = { timeout: 180_000 };

/** Neither open nor wanted anything. */
export async function made(context: TestContext, options: BenchOptions = {}): Promise<Bench> {
  const hostileTimes = { dripMs: 1000 / speed };
  const sim = { hostileTimes, ...options.sim };
  const one = await bench({ clock: quickClock(speed), ...options, sim });
  context.onTestFinished(() => one.close());
  return one;
}

/** Seconds of the driver's own time. */
export const pass = ({ clock }: Bench, s: number) => {
  const endMs = clock.now().monoMs + s * 1000;
  return until(() => clock.now().monoMs > endMs, soon(`${s} s`));
};

/** Connected and dark, looking where the guard wants it, and off said to all. */
export async function settled(context: TestContext, options: BenchOptions = {}): Promise<Bench> {
  const one = await opened(context, options);
  await until(() => one.sim.actuators.preset !== '', soon('the guard preset'));
  await pass(one, 11);
  one.forgetLog();
  return one;
}

/** Every fault that was told, a line each. */
export const told = ({ facts }: Bench): string =>
  facts
    .of('fault.raised')
    .map(({ fault, detail }) => `${fault}: ${detail}`)
    .join('\n');

export const onlyStrobe = { siren: [], preset: { alarm: null, guard: null } };
export const ears: Ears = {
  inputs: [{ id: 'gate', event: 'digital-input', token: 'In_1', closed: false }],
  events: {},
};

export const lit = ({ sim }: Bench) => until(() => sim.actuators.strobe, soon('the light'));
export const dimmed = ({ sim }: Bench) =>
  until(() => !sim.actuators.strobe, soon('the light going out'));
/** In the order they were raised and cleared. That a dome was lost counts only where it is asked for: on a
 * busy machine a call may take too long. */
const faultsOf = ({ facts }: Bench, wanted: string): string =>
  facts.faults
    .split(' ')
    .filter((one) => wanted.includes('dome.lost') || !one.endsWith('dome.lost'))
    .join(' ');
export const well = (one: Bench): boolean => faultsOf(one, '') === '';
export const faults = (one: Bench, wanted: string) =>
  until(() => faultsOf(one, wanted) === wanted, soon(wanted)).catch((cause: Error) => {
    throw new Error(`${cause.message}, are ${one.facts.faults}`, { cause });
  });

/** Wanted dark; open when it resolves. */
export async function opened(
  context: TestContext,
  options: BenchOptions = {},
  set: (one: Bench) => void = () => {},
): Promise<Bench> {
  const one = await made(context, options);
  set(one);
  one.dome.want(dark);
  await one.open();
  return one;
}

export const contacts = ({ facts }: Bench) =>
  facts.of('input.changed').map(({ contact }) => contact);
export const heard = (one: Bench, ...wanted: readonly string[]) =>
  until(() => contacts(one).join() === wanted.join(), soon(wanted.join())).catch((cause: Error) => {
    const told = JSON.stringify(one.facts.of('fault.raised'));
    throw new Error(`${cause.message}: ${contacts(one)}, ${told}`, { cause });
  });

/** Heard once: its input is not pressed. */
export async function listening(
  context: TestContext,
  options: BenchOptions = {},
  set: (one: Bench) => void = () => {},
): Promise<Bench> {
  const one = await opened(context, { ...options, dome: { ears, ...options.dome } }, (bench) => {
    bench.sim.events.setInput('In_1', false);
    set(bench);
  });
  await heard(one, 'normal');
  return one;
}

export const asked = ({ sim }: Bench, what: string) => sim.log.filter((one) => one.what === what);
