// The time before a press and what it costs, of real streams: for a press that wants three seconds; the
// thirty are in test/long.

import { expect, test } from 'vitest';
import { memoryOf, pressAfter } from './kept-stream.ts';

const small = { width: 320, height: 180, kbps: 200 } as const;

test.concurrent.each([1, 2, 4])(
  'a clip begins before the time that is wanted, for groups of %i s',
  async (gopSeconds) => {
    const beforeS = 3;
    const fillMs = 1_000 * (beforeS + gopSeconds) + 1_500;
    const kept = await pressAfter(fillMs, 1_000 * beforeS, { ...small, gopSeconds });
    // The whole group in which that time begins, and nothing before it.
    expect(kept).toMatchObject({ complaints: '', missing: 0, needless: 0 });
    expect(kept.beforePressS).toBeGreaterThanOrEqual(beforeS);
    expect(kept.seconds).toBeGreaterThan(beforeS);
  },
);

test.concurrent('the ring takes what its stream takes', async () => {
  const main = { width: 640, height: 360, kbps: 4_000, gopSeconds: 1 } as const;
  const { own, stream, lengthMs } = await memoryOf(main, 4_000);
  console.log(`ring: ${((100 * own) / stream).toFixed(1)} % of the stream in ${lengthMs} ms`);
  expect(lengthMs).toBeGreaterThanOrEqual(3_900);
  expect(stream, 'a stream to speak of').toBeGreaterThan(500_000);
  expect(own / stream).toBeGreaterThan(0.85);
  expect(own / stream).toBeLessThan(1.15);
});
