// The dome after people before the gate, in virtual time: those who walk, who stand, who go behind a tree.
// The figures come from twenty walks (test/bench/track.ts); here are a few.

import { describe, expect, it } from 'vitest';
import { stander, straight } from '#agent/sim/dome/analytics/walks.ts';
import { Field, type FieldOptions, walked } from '#test/dome/track/field.ts';

const ways = [
  ['moves in halves of its picture', true],
  ['is turned by speeds', false],
] as const;

async function played(
  options: Partial<FieldOptions> & Pick<FieldOptions, 'world'>,
  seconds: number,
) {
  const field = await Field.open({ seed: 1, ...options });
  field.tracker.want(true);
  await field.pass(seconds);
  await field.close();
  return field;
}

const orders = ({ asked }: Field, fromS: number): string[] =>
  asked.filter(({ s, what }) => s >= fromS && what !== 'look').map(({ what }) => what);

describe.each(ways)('a dome that %s', (_, inView) => {
  it('keeps who walks past within 15 % of the middle', async () => {
    for (const seed of [4, 9]) {
      const field = await walked(seed, { inView }, 20);
      expect(field.within(0.15)).toBeGreaterThan(0.85);
      expect(field.within(0.3)).toBeGreaterThan(0.95);
    }
  });

  it('stands before who stands', async () => {
    const world = { things: [stander({ x: 2.5, y: 15 })], trees: [] };
    const field = await played({ world, inView }, 20);
    expect(orders(field, 6)).toEqual([]);
    expect(field.moments.filter(({ s, moving }) => s > 6 && moving)).toEqual([]);
    expect(field.within(0.1, 6)).toBe(1);
  });

  it('goes on where a tree hides him for two seconds, and has him again behind it', async () => {
    const walker = straight({ x: -4, y: 15 }, { x: 1.5, y: 0 });
    const world = { things: [walker], trees: [{ x: 1.4, y: 7, widthM: 1.4 }] };
    const field = await played({ world, inView }, 10);
    expect(field.hiddenS()).toBeGreaterThan(1.9);
    expect(field.within(0.3)).toBe(1);
    expect(field.within(0.15, 7)).toBeGreaterThan(0.9);
    expect(field.moments.at(-1)?.following).toBe(true);
  });
});
