// A dome that is turned by hand, on the bench: connected, standing, asked one thing after another.

import type { StickAct } from '#agent/core/command.ts';
import { until } from '#test/support/wait.ts';
import { type Bench, type BenchOptions, bench, dark, quickClock, slow } from './support.ts';

export const withinMs = 20_000;

export const standing = ({ sim }: Bench) =>
  until(() => sim.motion.stillSinceMs, { withinMs, what: 'the dome to stand' });

/** Connected, and standing where its guard preset is, where it has one; closed with the others of `all`. */
export async function settledBench(
  all: Bench[],
  options: BenchOptions = {},
  clock = quickClock(slow),
): Promise<Bench> {
  const one = await bench({ clock, ...options });
  all.push(one);
  one.dome.want(dark);
  await one.open();
  await until(() => one.facts.of('dome.streams').length > 0, { withinMs, what: 'its streams' });
  await standing(one);
  one.forgetLog();
  return one;
}

let jobs = 0;

/** Has something done as the holder of the stick; how it ended. */
export async function actOn(one: Bench, act: StickAct) {
  const id = `job-${++jobs}`;
  const deadlineMs = one.clock.now().monoMs + 15_000;
  one.dome.run({ id, what: 'stick.do', act, deadlineMs });
  const end = () =>
    one.facts.all.find(
      (fact) => (fact.kind === 'job.done' || fact.kind === 'job.failed') && fact.id === id,
    );
  return await until(end, { withinMs, what: `the end of ${act.op}` });
}
