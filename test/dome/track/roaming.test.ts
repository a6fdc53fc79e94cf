// Whether a dome that follows by itself has found somebody: by where it looks, by what it says of itself,
// and by neither.

import { beforeEach, describe, expect, it } from 'vitest';
import { DomeError } from '#agent/dome/error.ts';
import type { Status } from '#agent/dome/motion-operations.ts';
import { Roaming, roamingTimes } from '#agent/dome/track/roaming.ts';
import { VirtualClock } from '#test/fakes/clock.ts';

const { lookMs, standsMs } = roamingTimes;
let clock: VirtualClock;
let looks: number;
let met: number;
let roaming: Roaming;
/** What it says now; null: nothing. */
let says: Status | null;
const at = (pan: number | null, moving: boolean | null = null): Status => ({
  ...{ place: { pan, tilt: pan === null ? null : 0.1, zoom: 0 }, moving, utcMs: null },
});
beforeEach(() => {
  clock = new VirtualClock();
  [looks, met] = [0, 0];
  says = at(0);
  roaming = new Roaming({
    clock,
    look: async () => {
      looks++;
      if (!says) throw new DomeError('timeout', 'no answer');
      return says;
    },
    met: () => met++,
  });
});

/** Turns for so many looks. */
async function turnsFor(times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    says = at((says?.place.pan ?? 0) + 0.02);
    await clock.pass(lookMs);
  }
}

describe('a dome that tells where it looks', () => {
  it('has met somebody when it turns after it stood, once for as long as it turns', async () => {
    roaming.want(true);
    await clock.pass(standsMs + 2 * lookMs);
    expect(met).toBe(0);
    await turnsFor(20);
    expect(met).toBe(1);
    await clock.pass(standsMs + lookMs);
    await turnsFor(2);
    expect(met).toBe(2);
  });

  it('has not where it trembles, stops for a moment, or is still on its way there', async () => {
    roaming.want(true);
    await turnsFor(3);
    await clock.pass(lookMs);
    await turnsFor(3);
    expect(met).toBe(0);
    await clock.pass(standsMs + lookMs);
    for (let n = 0; n < 10; n++) {
      says = at(n % 2 === 0 ? 0.3 : 0.303);
      await clock.pass(lookMs);
    }
    expect(met).toBe(1);
  });

  it('that is sent to its preset meanwhile begins anew, and is let be at the end', async () => {
    roaming.want(true);
    await clock.pass(standsMs + 2 * lookMs);
    roaming.want(true);
    await turnsFor(3);
    expect(met).toBe(0);
    roaming.want(false);
    const before = looks;
    await clock.pass(60_000);
    expect(looks).toBe(before);
    expect(clock.timers).toBe(0);
  });
});

describe('a dome that tells less', () => {
  it('of itself only that it moves is believed', async () => {
    says = at(null, false);
    roaming.want(true);
    await clock.pass(standsMs + 2 * lookMs);
    says = at(null, true);
    await clock.pass(lookMs);
    expect(met).toBe(1);
  });

  it('neither is not understood', async () => {
    says = at(null);
    roaming.want(true);
    await clock.pass(60_000);
    expect(met).toBe(0);
  });

  it('and does not answer is asked less often, and again when it does', async () => {
    says = null;
    roaming.want(true);
    await clock.pass(60_000);
    expect(looks).toBeLessThan(8);
    says = at(0);
    await clock.pass(40_000);
    says = at(0.2);
    await clock.pass(lookMs);
    expect(met).toBe(1);
  });
});
