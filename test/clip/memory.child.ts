// What the ring costs: a hundred seconds of a stream, as fast as it goes. Prints what the process has grown
// by, beside what the stream's rate makes of its length.

import { setTimeout as pause } from 'node:timers/promises';
import { Ring, ticksPerMs } from '#agent/media/clip/ring.ts';

const [mbitS = 4, gopS = 2] = process.argv.slice(2).map(Number);
const pictureBytes = (mbitS * 1e6) / 8 / 25;
/** A key picture is some eight times as large as another. */
const otherBytes = Math.round((pictureBytes * 25 * gopS) / (25 * gopS + 7));
const unitOf = (type: number, bytes: number) => Buffer.allocUnsafeSlow(bytes).fill(type);

function feed(ring: Ring, seconds: number): void {
  for (let n = 0; n < seconds * 25; n++) {
    const key = n % (25 * gopS) === 0;
    const sets = key ? [unitOf(7, 20), unitOf(8, 8)] : [];
    const units = [...sets, unitOf(key ? 5 : 1, key ? 8 * otherBytes : otherBytes)];
    ring.push({ ticks: n * 40 * ticksPerMs, key, units });
    if (n % 250 === 0) gc?.();
  }
}

// Once before: code compiled, the allocator's pools filled.
feed(new Ring(), 40);
async function held() {
  // What is swept is given back a moment later, by another thread.
  for (let n = 0; n < 5; n++) {
    gc?.();
    await pause(20);
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { own: heapUsed + arrayBuffers, rss };
}
const before = await held();
const ring = new Ring();
feed(ring, 100);
const after = await held();
const lengthMs = 100_000 - (ring.firstTicks ?? 0) / ticksPerMs;
const told = { lengthMs, stream: (mbitS * 1e6 * lengthMs) / 8000, rss: after.rss - before.rss };
console.log(JSON.stringify({ ...told, own: after.own - before.own, payload: ring.bytes }));
