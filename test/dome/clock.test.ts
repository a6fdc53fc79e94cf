// The dome's clock against ours: told, set, or followed. What it shows is looked at in the simulator.

import { afterEach, describe, expect, test } from 'vitest';
import type { ClockPolicy } from '#agent/dome/dome-clock.ts';
import { until } from '#test/support/wait.ts';
import { type Bench, type BenchOptions, bench, dark, quickClock } from './support.ts';

const hourMs = 3_600_000;
const benches: Bench[] = [];
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

async function opened(domeClock: ClockPolicy, more: BenchOptions = {}): Promise<Bench> {
  const sim = { auth: 'token', clockOffsetMs: -hourMs } as const;
  const one = await bench({ sim, dome: { domeClock }, ...more });
  benches.push(one);
  one.dome.want(dark);
  await one.open();
  return one;
}

const waits = { withinMs: 15_000 };
const faults = (one: Bench, wanted: string) =>
  until(() => one.facts.faults === wanted, { ...waits, what: wanted });
const looks = ({ sim }: Bench) =>
  sim.log.filter(({ what }) => what === 'GetSystemDateAndTime').length;
const looked = (one: Bench, times: number) => {
  const before = looks(one);
  return until(() => looks(one) >= before + times, { ...waits, what: 'looks at it' });
};

describe('a clock that is an hour slow', () => {
  test('is told once, in one sentence, until it is right', async () => {
    const one = await opened('tell');
    await faults(one, '+dome.clock');
    expect(one.facts.of('fault.raised')[0]?.detail).toBe(
      "the dome's clock is 60 min slow, and so is the time in its picture: set it, or have it ask " +
        'a time server',
    );
    await looked(one, 2);
    one.sim.quirks.clockOffsetMs = 20_000;
    await looked(one, 2);
    expect(one.facts.faults).toBe('+dome.clock');
    one.sim.quirks.clockOffsetMs = 0;
    await faults(one, '+dome.clock -dome.clock');
  });

  test('is set, and nothing is told', async () => {
    const one = await opened('set');
    const isRight = () => Math.abs(one.sim.quirks.clockOffsetMs) < 10_000;
    await until(isRight, { ...waits, what: 'a clock that is right' });
    await looked(one, 3);
    expect(one.facts.faults).toBe('');
    expect(one.sim.log.filter(({ what }) => what === 'SetSystemDateAndTime').length).toBe(1);
  });

  test('a dome that says yes and does not set it is found out', async () => {
    const one = await opened('set');
    one.sim.quirks.withoutEffect = 100;
    await faults(one, '+dome.clock');
    expect(one.facts.of('fault.raised')[0]?.detail).toMatch(
      /could not be set \(it says yes, and its clock is as before\)/,
    );
    await looked(one, 3);
    expect(one.sim.log.filter(({ what }) => what === 'SetSystemDateAndTime').length).toBe(1);
  });

  test('is followed: nothing is told or set', async () => {
    const one = await opened('follow');
    await looked(one, 4);
    expect(one.facts.faults).toBe('');
    expect(one.sim.quirks.clockOffsetMs).toBe(-hourMs);
  });

  test('is not blamed while our own clock is not known to be good', async () => {
    const clock = quickClock();
    const unsure = { ...clock, now: () => ({ ...clock.now(), clock: 'unknown' as const }) };
    const one = await opened('set', { clock: unsure });
    await looked(one, 4);
    expect(one.facts.faults).toBe('');
    expect(one.sim.quirks.clockOffsetMs).toBe(-hourMs);
  });
});
