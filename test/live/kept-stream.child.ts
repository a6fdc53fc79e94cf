// What the ring costs of a dome's real stream: fed by ffmpeg as in the live process until it is full, looked
// at, emptied, looked at again. Prints the difference beside what the stream's rate makes of its length.

import { setTimeout as pause } from 'node:timers/promises';
import { Ring, ticksPerMs } from '#agent/media/clip/ring.ts';
import { Feed } from '#agent/media/live/feed.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { sourceOf } from './rig.ts';

const [url = '', keptMs = ''] = process.argv.slice(2);
const ring = new Ring(keptMs === '' ? {} : { keptMs: Number(keptMs) });
/** Of each picture as it came. */
const came: { readonly ticks: number; readonly bytes: number }[] = [];
let whole = 0;
const feed = new Feed({
  ...{ clock: systemClock(), chance: () => 0.5 },
  picture: ({ ticks, key }, units) => {
    came.push({ ticks, bytes: units.reduce((sum, unit) => sum + unit.length, 0) });
    if (ring.push({ ticks, key, units })) whole++;
  },
  ...{ sound: () => {}, wantsOpus: () => false, opus: () => {} },
  ...{ cut: () => ring.cut(), damaged: () => {}, changed: () => {} },
});

/** When it has been the same for a while: what is swept is given back later, by another thread. */
async function held() {
  let [least, calm] = [Number.POSITIVE_INFINITY, 0];
  for (let n = 0; n < 100 && calm < 8; n++) {
    gc?.();
    await pause(30);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const own = heapUsed + arrayBuffers;
    calm = own > least - 20_000 ? calm + 1 : 0;
    least = Math.min(least, own);
  }
  return { own: least, rss: process.memoryUsage.rss() };
}

feed.want(sourceOf(url));
// The oldest group has gone: it is full.
const isFull = () => whole > 0 && (ring.firstTicks ?? 0) > (came[0]?.ticks ?? 0);
await until(isFull, { withinMs: ring.limits.keptMs + 60_000, what: 'a full ring' });
await feed.close();
const [fromTicks, toTicks] = [ring.firstTicks ?? 0, ring.lastTicks ?? 0];
const spans = came.filter(({ ticks }) => ticks >= fromTicks && ticks <= toTicks);
const stream = spans.reduce((sum, { bytes }) => sum + bytes, 0);
came.length = 0;
// Code that is not needed any more goes after some collections, and is not the ring's.
await held();
const before = await held();
ring.clear();
const after = await held();
const lengthMs = (toTicks - fromTicks) / ticksPerMs;
const [own, rss] = [before.own - after.own, before.rss - after.rss];
console.log(JSON.stringify({ lengthMs, stream, own, rss }));
