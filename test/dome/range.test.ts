// Where the dome may look: what lies beyond the range is never seen, whoever turns it and however.

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { beyond, outside, within } from '#agent/dome/range.ts';
import { until } from '#test/support/wait.ts';
import { actOn, settledBench, withinMs } from './stick-bench.ts';
import { type Bench, dark, quickClock } from './support.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

const limits = { pan: [-0.3, 0.3], tilt: [-0.5, 0.5], zoom: [0, 0.6] } as const;
const presets = [
  { token: '1', name: 'guard', position: { pan: 0, tilt: 0, zoom: 0 } },
  { token: '2', name: 'alarm', position: { pan: 0.9, tilt: 0, zoom: 0 } },
  { token: '3', name: 'gate', position: { pan: 0.1, tilt: 0, zoom: 0.1 } },
  { token: '4', name: 'neighbour', position: { pan: 0.8, tilt: 0, zoom: 0.1 } },
];

const limited = (clock = quickClock(1)) =>
  settledBench(benches, { sim: { presets }, profile: { range: limits } }, clock);

describe('the stick', () => {
  test.each([
    ['pan', 1, 0.3],
    ['tilt', -0.6, 0.5],
  ] as const)('%s at %d stops at the border, and turns back', async (axis, speed, border) => {
    const one = await limited(quickClock(0.25));
    let furthest = 0;
    const { motion } = one.sim;
    /** Holds the stick so until it is as expected. */
    const hold = (share: number, what: string, isSo: () => boolean) =>
      until(
        () => {
          const untilMs = one.clock.now().monoMs + 500;
          const held = { pan: 0, tilt: 0, zoom: 0, [axis]: share, untilMs };
          one.dome.want({ ...dark, preset: null, motion: held });
          furthest = Math.max(furthest, Math.abs(motion.position[axis]));
          return isSo();
        },
        { withinMs, what },
      );
    await hold(speed, 'the dome to turn', () => motion.stillSinceMs === null);
    await hold(speed, 'it to stand', () => motion.stillSinceMs !== null);
    const endMs = one.clock.now().monoMs + 500;
    await hold(speed, 'half a second', () => one.clock.now().monoMs >= endMs);
    expect(furthest).toBeLessThan(border + 0.02);
    expect(furthest).toBeGreaterThan(border - 0.25);
    const at = Math.abs(motion.position[axis]);
    await hold(-speed, 'the way back', () => Math.abs(motion.position[axis]) < at - 0.1);
  });
});

describe('what is no move', () => {
  test('is refused in one sentence where it leads beyond, and done where it does not', async () => {
    const one = await limited();
    const refused = { kind: 'job.failed', outOfRange: true };
    const words = expect.stringMatching(/private; the dome is not turned there$/);
    for (const act of [
      { op: 'absolute', pan: 0.31, tilt: 0, zoom: null },
      { op: 'absolute', pan: null, tilt: -0.6, zoom: null },
      { op: 'relative', pan: -0.4, tilt: 0, zoom: 0 },
      { op: 'zoom', to: 0.7 },
      { op: 'preset', preset: 'neighbour' },
    ] as const) {
      expect(await actOn(one, act)).toMatchObject({ ...refused, reason: words });
    }
    expect(await actOn(one, { op: 'home' })).toMatchObject(refused);
    expect(one.sim.motion.position.pan).toBe(0);
    for (const act of [
      { op: 'absolute', pan: 0.2, tilt: 0.1, zoom: null },
      { op: 'relative', pan: -0.1, tilt: 0, zoom: 0.1 },
      { op: 'zoom', to: 0.5 },
      { op: 'preset', preset: 'gate' },
      // The installer's choice.
      { op: 'preset', preset: 'alarm' },
    ] as const) {
      expect(await actOn(one, act)).toMatchObject({ kind: 'job.done' });
    }
  });

  test('a preset of which the dome does not tell where it is, is refused', async () => {
    const one = await limited();
    one.sim.quirks.refuse.push('GetPresets');
    await one.sim.reboot({ downMs: 1500 });
    expect(await actOn(one, { op: 'preset', preset: '9' })).toMatchObject({ outOfRange: true });
  });
});

describe('a range', () => {
  test('a place beyond it is found, wherever its limits are, and none where it has none', () => {
    const span = (least: number) =>
      fc.tuple(
        fc.double({ min: least, max: 1, noNaN: true }),
        fc.double({ min: least, max: 1, noNaN: true }),
      );
    const axis = (least: number) =>
      fc.option(span(least).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const));
    const range = fc.record({ pan: axis(-1), tilt: axis(-1), zoom: axis(0) });
    fc.assert(
      fc.property(range, (one) => {
        const place = outside(one);
        if (place) expect(beyond(one, place)).not.toBeNull();
      }),
    );
    expect(outside({ pan: null, tilt: null, zoom: null })).toBeNull();
    expect(outside({ pan: [-0.5, 0.5], tilt: null, zoom: null })).toMatchObject({ pan: 1 });
    expect(outside({ pan: [0.8, -0.8], tilt: null, zoom: null })).toMatchObject({ pan: 0 });
    expect(outside({ pan: null, tilt: [-1, 0.5], zoom: null })).toMatchObject({ tilt: 0.75 });
  });

  const unit = fc.integer({ min: -100, max: 100 }).map((n) => n / 100);
  const speed = unit;
  /** Less than the last digit of a sum. */
  const shy = 0.999;
  const exact = (sum: number) => Math.round(sum * 1e6) / 1e6;
  const sorted = fc
    .tuple(unit, unit)
    .map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);

  test('never lets a step out of it, by whichever axis, across the point behind, too', () => {
    fc.assert(
      fc.property(
        fc.tuple(unit, unit),
        sorted,
        unit,
        unit,
        speed,
        speed,
        (pan, tilt, p, t, v, w) => {
          const range = { pan, tilt, zoom: null };
          const place = { pan: p, tilt: t, zoom: 0 };
          fc.pre(beyond(range, place) === null);
          const reach = { pan: Math.abs(v), tilt: Math.abs(w), zoom: 0 };
          const allowed = within(range, { pan: v, tilt: w, zoom: 0.5 }, place, reach);
          const wrapped = exact(((p + allowed.pan * shy + 3) % 2) - 1);
          const after = { pan: wrapped, tilt: exact(t + allowed.tilt * shy), zoom: 0 };
          expect(beyond(range, after)).toBeNull();
          expect(allowed.zoom).toBe(0.5);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('leads in from outside, by the shorter way', () => {
    const range = { pan: [-0.5, 0.5], tilt: [-0.5, 0.5], zoom: null } as const;
    const reach = { pan: 0.1, tilt: 0.1, zoom: 0 };
    const at = (pan: number, tilt: number, v: number) =>
      within(range, { pan: v, tilt: v, zoom: 0 }, { pan, tilt, zoom: 0 }, reach);
    expect(at(0.7, 0.7, 1)).toMatchObject({ pan: 0, tilt: 0 });
    expect(at(0.7, 0.7, -1)).toMatchObject({ pan: -1, tilt: -1 });
    expect(at(-0.7, -0.7, 1)).toMatchObject({ pan: 1, tilt: 1 });
    expect(at(-0.7, -0.7, -1)).toMatchObject({ pan: 0, tilt: 0 });
  });
});
