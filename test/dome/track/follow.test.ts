// Whom the dome follows and when it does not, told as scenes before the gate in virtual time.

import { afterEach, describe, expect, test } from 'vitest';
import {
  gateView,
  passingCar,
  stander,
  straight,
  walker,
} from '#agent/sim/dome/analytics/walks.ts';
import type { Thing, World } from '#agent/sim/dome/analytics/world.ts';
import { Field, type FieldOptions, walked } from './field.ts';

const fields: Field[] = [];
afterEach(async () => {
  for (const field of fields.splice(0)) await field.close();
});

const scene = (...things: Thing[]): World => ({ things, trees: [] });

async function opened(world: World, options: Partial<FieldOptions> = {}): Promise<Field> {
  const field = await Field.open({ world, seed: 1, ...options });
  fields.push(field);
  field.tracker.want(true);
  return field;
}

const orders = ({ asked }: Field, fromS = 0): string[] =>
  asked.filter(({ s, what }) => s >= fromS && what !== 'look').map(({ what }) => what);
const last = ({ moments }: Field) => {
  const moment = moments.at(-1);
  if (!moment) throw new Error('nothing has happened yet');
  return moment;
};
const ways = [
  ['by halves of its picture', true],
  ['by speeds', false],
] as const;

describe('whom', () => {
  test('the one nearest the gate, though another is larger', async () => {
    const near = stander({ x: 1, y: 15 });
    const large = stander({ x: -3, y: 11 });
    const field = await opened(scene(near, large));
    await field.pass(8);
    expect(last(field)).toMatchObject({ following: true });
    expect(Math.abs(last(field).x)).toBeLessThan(0.15);
  });

  test.each(ways)('the same one when another crosses before him, %s', async (_, inView) => {
    const walks = straight({ x: -4, y: 15 }, { x: 1.2, y: 0 });
    const crosses = straight({ x: 5, y: 14 }, { x: -1.4, y: 0 });
    const field = await opened(scene(walks, crosses), { inView });
    await field.pass(9);
    expect(field.within(0.3)).toBe(1);
    expect(field.met).toBe(1);
  });

  test('no car', async () => {
    const field = await opened(scene(passingCar(1, 1), passingCar(4, -1)));
    await field.pass(12);
    expect(orders(field)).toEqual([]);
    expect(field.met).toBe(0);
  });

  test('who is upright, where the dome does not say what it sees', async () => {
    const world = scene(stander({ x: 3, y: 15 }), passingCar(0, 1));
    const field = await opened(world, { analytics: { wording: { classes: 'none' } } });
    await field.pass(6);
    expect(field.within(0.15, 4)).toBe(1);
  });

  test('somebody else when the first has gone, and the gate when nobody is left', async () => {
    const goes: Thing = {
      ...stander({ x: 2, y: 15 }),
      at: (s) => (s < 6 ? { x: 2, y: 15 } : null),
    };
    const stays: Thing = {
      ...stander({ x: 4, y: 15 }),
      at: (s) => (s < 15 ? { x: 4.5, y: 15 } : null),
    };
    const field = await opened(scene(stays, goes));
    await field.pass(5);
    expect(last(field).x).toBeGreaterThan(0.3);
    await field.pass(9);
    expect(Math.abs(last(field).x)).toBeLessThan(0.15);
    expect(orders(field)).not.toContain('back');
    await field.pass(16);
    expect(orders(field).filter((what) => what === 'back')).toEqual(['back']);
    expect(field.motion.position.pan).toBeCloseTo(gateView.pan, 5);
    expect(field.met).toBe(2);
    await field.pass(30);
    expect(orders(field).filter((what) => what === 'back')).toEqual(['back']);
  });
});

describe('gives way', () => {
  test.each(ways)('at once, and stands, %s', async (_, inView) => {
    const field = await opened(scene(walker(2)), { inView });
    await field.pass(6);
    expect(last(field).following).toBe(true);
    const atS = field.seconds;
    field.tracker.want(false);
    await field.pass(1);
    const after = orders(field, atS + 0.001);
    expect(after.filter((what) => what !== 'stop')).toEqual([]);
    expect(field.motion.stillSinceMs).not.toBeNull();
    await field.pass(5);
    expect(field.motion.stillSinceMs).toBeLessThan(field.clock.monoMs - 4500);
    expect(field.asked.filter(({ s }) => s > atS + 2)).toEqual([]);
  });
});

describe('who turns back', () => {
  /** At 1.4 m/s, after six seconds. */
  const back: Thing = {
    ...stander({ x: 0, y: 15 }),
    at: (s) => ({ x: s < 6 ? -4 + 1.4 * s : 4.4 - 1.4 * (s - 6), y: 15 }),
  };

  test.each([
    ['by halves of its picture', true, 1],
    ['by speeds', false, 0.8],
  ] as const)('is in the middle again, %s', async (_, inView, withinS) => {
    const field = await opened(scene(back), { inView });
    await field.pass(11);
    const after = field.moments.filter(({ s }) => s >= 6);
    const outS = after.filter(({ x }) => Math.abs(x) > 0.15).length * 0.05;
    expect(outS).toBeLessThan(withinS);
    expect(after.every(({ x }) => Math.abs(x) < 0.5)).toBe(true);
  });
});

describe('bounds', () => {
  test('nobody is followed beyond the range, and the dome stands at its border', async () => {
    const leaves = straight({ x: 0, y: 15 }, { x: 1.5, y: 0 });
    const range = { pan: [-0.1, 0.1] as const, tilt: null, zoom: null };
    const field = await opened(scene(leaves), { inView: false, range });
    await field.pass(8);
    const pans = field.moments.map(({ dome }) => dome.pan);
    expect(Math.max(...pans)).toBeLessThanOrEqual(0.1);
    expect(Math.max(...pans)).toBeGreaterThan(0.07);
  });

  test('a dome that does not answer any more ends what it was told by itself', async () => {
    const field = await opened(scene(walker(2)), { inView: false });
    await field.pass(5);
    field.silent = true;
    await field.pass(2.5);
    expect(field.motion.stillSinceMs).not.toBeNull();
    field.silent = false;
    await field.pass(3);
    expect(orders(field, field.seconds - 3)).toContain('move');
  });
});

describe('domes as they are', () => {
  const most = async (options: Partial<FieldOptions>) => (await walked(1, options, 25)).within(0.3);

  test.each([
    ['tells MOVING for ever', { tells: { place: true, moving: 'frozen' } }, 0.9],
    ['tells nothing of moving', { tells: { place: true, moving: null } }, 0.95],
    ['tells neither place nor moving', { tells: { place: false, moving: null } }, 0.85],
    [
      'tells its place only beside what it sees',
      {
        tells: { place: false, moving: null },
        analytics: { wording: { place: true } },
      },
      0.9,
    ],
    ['is slow to answer', { callMs: 80 }, 0.9],
    ['tells half a second late what it sees', { analytics: { latencyMs: 500 } }, 0.88],
  ] as const)('one that %s', async (_, options, part) => {
    for (const [, inView] of ways) expect(await most({ ...options, inView })).toBeGreaterThan(part);
  });

  test.each([
    ['slow', { panPerSecond: 0.2, tiltPerSecond: 0.3, secondsToFullSpeed: 0.4, latencyMs: 150 }],
    ['fast', { panPerSecond: 1.5, tiltPerSecond: 2, secondsToFullSpeed: 0.3 }],
  ])('one with %s motors', async (_, motion) => {
    for (const [, inView] of ways) expect(await most({ motion, inView })).toBeGreaterThan(0.93);
  });

  test('one that refuses moves in its picture is turned by speeds', async () => {
    const field = await opened(scene(walker(2)), { refuses: ['turn'] });
    await field.pass(15);
    expect(orders(field).filter((what) => what === 'turn').length).toBe(1);
    expect(field.within(0.3)).toBeGreaterThan(0.9);
  });
});
