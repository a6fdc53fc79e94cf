// No pictures while a case is recorded: told once an outage, with why, and no more often than is of use.

import { beforeEach, expect, it } from 'vitest';
import { Outages, outageTimes } from '#agent/media/clip/outages.ts';
import { Ring, ticksPerMs } from '#agent/media/clip/ring.ts';
import { Told } from '#agent/media/clip/told.ts';
import { VirtualClock } from '#test/fakes/clock.ts';

let clock: VirtualClock;
let ring: Ring;
let said: string[];
let outages: Outages;
let why: string | null;
beforeEach(() => {
  clock = new VirtualClock();
  ring = new Ring();
  said = [];
  why = null;
  const told = new Told((one) => {
    if (one.t === 'evidence.missing') said.push(`${one.incident} ${one.what}: ${one.detail}`);
  });
  outages = new Outages({ clock, ring, told, why: () => why });
});
/** A picture a second, for so long. */
function shows(seconds: number): void {
  for (let n = 0; n < seconds; n++) {
    clock.advance(1_000);
    ring.push({ ticks: clock.monoMs * ticksPerMs, key: true, units: [Buffer.of(0x65, 1)] });
  }
}
const clipOf = (id: string) => ({ id, fromMs: clock.monoMs - 30_000 });

it('is told once, since when and why; the next one again', () => {
  shows(30);
  outages.want(clipOf('case'));
  shows(20);
  expect(said).toEqual([]);
  why = 'hangs: it is connected, and sends nothing';
  clock.advance(outageTimes.tellMs - 1_000);
  expect(said).toEqual([]);
  clock.advance(120_000);
  expect(said).toEqual([
    'case clip: no pictures since 20 s after the press: the stream hangs: it is connected, and sends nothing',
  ]);
  shows(5);
  clock.advance(20_000);
  expect(said).toHaveLength(2);
});

it('counts from the press where there was never a picture, and ends with the clip', () => {
  outages.want(clipOf('case'));
  clock.advance(60_000);
  expect(said).toEqual(['case clip: no pictures since 0 s after the press']);
  outages.want({ id: 'next', fromMs: 0 });
  clock.advance(60_000);
  expect(said.at(-1)).toBe('next clip: no pictures for 10 s');
  outages.want(null);
  clock.advance(60_000);
  expect(said).toHaveLength(2);
  expect(clock.timers).toBe(0);
});

it('of a stream that comes and goes is told ten times', () => {
  outages.want(clipOf('case'));
  for (let n = 0; n < 30; n++) {
    shows(1);
    clock.advance(15_000);
  }
  expect(said).toHaveLength(10);
});
