// The acoustic loop's ear: finds its own tone in a room that echoes and is noisy, and no other sound.

import { describe, expect, it } from 'vitest';
import { findSweep, sweep } from '#agent/media/sound/sweep.ts';

const rate = 48_000;
/** The same each time. */
function noise(seconds: number, amplitude: number): Int16Array {
  let seed = 12_345;
  return Int16Array.from({ length: rate * seconds }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return amplitude * (seed / 0x3fffffff - 1);
  });
}

function heardAt(atMs: number, gain: number, room: Int16Array, echoes = true): Int16Array {
  const out = room.slice();
  const tone = sweep();
  const paths = echoes ? [0, 7, 19, 31, 47] : [0];
  for (const [n, laterMs] of paths.entries())
    for (let i = 0; i < tone.length; i++) {
      const at = Math.round(((atMs + laterMs) * rate) / 1000) + i;
      if (at < out.length) out[at] = (out[at] ?? 0) + gain * 0.6 ** n * (tone[i] ?? 0);
    }
  return out;
}

describe('the sweep', () => {
  it('is found where it is, as it came out', () => {
    const found = findSweep(heardAt(700, 1, noise(2, 10), false));
    expect(found.heard).toBe(true);
    expect(found.likeness).toBeGreaterThan(0.95);
    expect(Math.abs(found.atMs - 700)).toBeLessThan(2);
  });

  it('is found in a room that echoes and is noisy, 30 dB lower', () => {
    const found = findSweep(heardAt(500, 0.03, noise(2, 120)));
    expect(found).toMatchObject({ heard: true });
  });

  it('is not found in noise, however loud, nor in a hum, a voice-like tone or silence', () => {
    const hum = Int16Array.from(
      { length: rate * 2 },
      (_, n) => 9_000 * Math.sin((n * 2 * Math.PI * 50) / rate),
    );
    const tone = Int16Array.from(
      { length: rate * 2 },
      (_, n) => 9_000 * Math.sin((n * 2 * Math.PI * 700) / rate),
    );
    for (const sound of [noise(2, 20_000), hum, tone])
      expect(findSweep(sound), 'another sound').toMatchObject({ heard: false });
    expect(findSweep(new Int16Array(rate * 2))).toMatchObject({ heard: false, levelDb: null });
    expect(findSweep(new Int16Array(10))).toMatchObject({ heard: false });
  });
});
