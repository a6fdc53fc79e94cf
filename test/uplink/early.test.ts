// The story: a timer of 30 s fired 0.4 ms early, the fault was not due yet, and while the uplink looked
// after its other affairs the moment passed; it then armed no timer for what was past, and a terminal
// without a line said nothing until its next press.

import { expect, it } from 'vitest';
import type { Clock } from '#agent/ports.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { freePort } from '#test/support/mosquitto.ts';
import { openUplink } from './rig.ts';

/** Fires each timer a little early; time passes while one looks at it. */
function restless(): { clock: Clock; pass: (ms: number) => void } {
  const inner = new VirtualClock();
  const clock: Clock = {
    now: () => {
      inner.monoMs += 0.15;
      return inner.now();
    },
    after: (ms, call) => inner.after(Math.max(0, ms - 0.4), call),
  };
  return { clock, pass: (ms) => inner.advance(ms) };
}

it('a link that is down is a fault after 30 s, though the timer was early', async () => {
  const { clock, pass } = restless();
  const { told } = await openUplink(`mqtt://127.0.0.1:${await freePort()}`, { clock });
  for (let ms = 0; ms < 31_000; ms += 10) pass(10);
  expect(told.of('fault.raised').map(({ fault }) => fault)).toEqual(['uplink.down']);
});
