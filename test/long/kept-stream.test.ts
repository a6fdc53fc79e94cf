// Half a minute before a press, of real streams, and its memory: the live process and its ring as they are.

import { expect, test } from 'vitest';
import { memoryOf, pressAfter } from '#test/live/kept-stream.ts';

test.concurrent.each([1, 2, 4])(
  'a clip begins 30 s before the press or earlier, for groups of %i s',
  async (gopSeconds) => {
    const main = { width: 320, height: 180, kbps: 300, gopSeconds } as const;
    const kept = await pressAfter(32_000 + 2_000 * gopSeconds, 30_000, main);
    console.log(`kept-stream: ${JSON.stringify(kept)}`);
    expect(kept).toMatchObject({ complaints: '', missing: 0, needless: 0 });
    expect(kept.beforePressS).toBeGreaterThanOrEqual(30);
  },
  180_000,
);

test.concurrent.each([1, 2, 4])(
  'the ring takes what its stream takes, for groups of %i s',
  async (gopSeconds) => {
    const main = { width: 640, height: 360, kbps: 2_000, gopSeconds } as const;
    const kept = await memoryOf(main);
    console.log(`kept-stream: ${JSON.stringify({ gopSeconds, ...kept })}`);
    expect(kept.lengthMs).toBeGreaterThanOrEqual(30_900);
    expect(kept.own / kept.stream).toBeGreaterThan(0.85);
    expect(kept.own / kept.stream).toBeLessThan(1.15);
  },
  240_000,
);
