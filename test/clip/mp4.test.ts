// The ring and what is made of it, with real pictures: whole groups from before the press, files that
// ffprobe has nothing to say against.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import { headOf } from '#agent/media/clip/mp4.ts';
import { Ring, ticksPerMs } from '#agent/media/clip/ring.ts';
import { sizeOf } from '#agent/media/clip/sps.ts';
import { coded, fileOf, frameTicks, groupsOf, probe } from './pictures.ts';

const dir = mkdtempSync(join(tmpdir(), 'gate-mp4-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const write = (name: string, bytes: Buffer): string => {
  const file = join(dir, name);
  writeFileSync(file, bytes);
  return file;
};

describe('a file', () => {
  const pictures = coded(5, 1, '324x242');

  it('has every picture at its time, and ffprobe has nothing to say', () => {
    const probed = probe(write('whole.mp4', fileOf(groupsOf(pictures))));
    expect(probed).toMatchObject({ complaints: '', codec: 'avc1', width: 324, height: 242 });
    expect(probed.frames).toBe(125);
    expect(probed.seconds).toBeCloseTo(5, 3);
    for (const [n, at] of probed.times.entries()) expect(at).toBeCloseTo(n * 0.04, 3);
  });

  it('keeps the time of what is missing', () => {
    const groups = groupsOf(pictures).filter(({ n }) => n !== 3);
    const probed = probe(write('gap.mp4', fileOf(groups)));
    expect(probed).toMatchObject({ complaints: '', frames: 100 });
    expect(probed.times[50]).toBeCloseTo(3, 3);
  });

  it('begins at 0, whatever the clock said', () => {
    const late = pictures.map((one) => ({ ...one, ticks: one.ticks + 2 ** 34 }));
    expect(probe(write('late.mp4', fileOf(groupsOf(late)))).times[0]).toBe(0);
  });
});

test('the size in a parameter set: cropped, interlaced, high profile, too short', () => {
  const set = (hex: string) => sizeOf(Buffer.from(hex, 'hex'));
  // x264, high profile, 1920x1080: cropped by 8 lines.
  expect(set('67640028acd940780227e5c05a808080a0000003002000000781e30632c0')).toEqual({
    width: 1920,
    height: 1080,
  });
  expect(set('67640028acd9')).toBeNull();
  expect(set('67')).toBeNull();
});

test('whatever a dome sends as parameter sets, a file begins or does not', () => {
  const real = '67640028acd940780227e5c05a808080a0000003002000000781e30632c0';
  const bytes = fc.uint8Array({ maxLength: 60 }).map((one) => Buffer.from(one));
  const bent = fc.tuple(fc.nat({ max: 29 }), fc.nat({ max: 255 })).map(([at, to]) => {
    const set = Buffer.from(real, 'hex');
    set[at] = to;
    return set;
  });
  const any = fc.oneof(
    bent,
    bytes,
    bytes.map((rest) => Buffer.concat([Buffer.of(0x67), rest])),
  );
  fc.assert(
    fc.property(any, (set) => {
      const size = sizeOf(set);
      if (size) expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(16_384);
      const head = headOf([set, Buffer.of(0x68, 1)], 0);
      if (head) expect(head.toString('latin1', 4, 8)).toBe('ftyp');
    }),
    { numRuns: 5_000 },
  );
  // A width of billions, as Exp-Golomb can tell it.
  const wide = Buffer.concat([
    Buffer.from('6742001ef8', 'hex'),
    Buffer.alloc(4),
    Buffer.alloc(20, 0xff),
  ]);
  expect(sizeOf(wide)).toBeNull();
});

describe('the ring', () => {
  const unit = (type: number, bytes = 100) => Buffer.alloc(bytes, type);
  const sets = [unit(7), unit(8)];
  /** 25 pictures a second; a key picture every `gop`. */
  function fed(seconds: number, gop: number, ring: Ring, bytes = 100): Ring {
    for (let n = 0; n < seconds * 25; n++) {
      const key = n % gop === 0;
      const units = key ? [...sets, unit(5, bytes)] : [unit(1, bytes)];
      ring.push({ ticks: n * frameTicks, key, units });
    }
    return ring;
  }

  it.each([1, 2, 4])('begins 30 s before now or earlier, for groups of %i s', (gopS) => {
    const keptMs = 31_000;
    const ring = new Ring();
    for (let n = 0; n < 90 * 25; n++) {
      const units = n % (25 * gopS) === 0 ? [...sets, unit(5)] : [unit(1)];
      ring.push({ ticks: n * frameTicks, key: n % (25 * gopS) === 0, units });
      const nowMs = n * 40;
      const heldMs = nowMs - (ring.firstTicks ?? 0) / ticksPerMs;
      if (nowMs < keptMs + gopS * 1000) continue;
      expect(heldMs).toBeGreaterThanOrEqual(keptMs);
      expect(heldMs).toBeLessThanOrEqual(keptMs + gopS * 1000);
    }
  });

  it.each(['2 1', '4 2', '2 4'])(
    'takes what its pictures take: Mbit/s, s a group: %s',
    (how) => {
      const child = [
        '--expose-gc',
        join(import.meta.dirname, 'memory.child.ts'),
        ...how.split(' '),
      ];
      const told = JSON.parse(execFileSync(process.execPath, child, { encoding: 'utf8' }));
      console.log(
        `ring: ${((100 * told.own) / told.stream).toFixed(1)} % of bitrate x length (${how})`,
      );
      expect(told.lengthMs).toBeGreaterThan(30_000);
      expect(told.own / told.stream).toBeLessThan(1.15);
      expect(told.payload / told.stream).toBeCloseTo(1, 1);
    },
    120_000,
  );

  it('is bounded by bytes: the oldest group goes first', () => {
    const ring = fed(30, 25, new Ring({ bytesMax: 300_000 }), 1000);
    expect(ring.bytes).toBeLessThanOrEqual(300_000);
    expect(ring.bytes).toBeGreaterThan(250_000);
    expect(ring.after(0).at(-1)?.n).toBe(29);
  });

  it('survives a group without an end: of bytes, of seconds', () => {
    const heavy = fed(30, 1e9, new Ring({ bytesMax: 100_000 }), 1000);
    expect(heavy.bytes).toBe(0);
    expect(heavy.after(0)).toEqual([]);
    const long = fed(90, 1e9, new Ring());
    const [group, ...more] = long.after(0);
    expect(more).toEqual([]);
    expect(group?.samples).toHaveLength(60 * 25 + 1);
  });

  it('ends a group at a picture that is missing, and goes on with the next key picture', () => {
    const ring = fed(2, 25, new Ring());
    expect(ring.cut()).toBe(true);
    expect(ring.cut()).toBe(false);
    ring.push({ ticks: 51 * frameTicks, key: false, units: [unit(1)] });
    ring.push({ ticks: 60 * frameTicks, key: true, units: [...sets, unit(5)] });
    ring.push({ ticks: 85 * frameTicks, key: true, units: [...sets, unit(5)] });
    const [, second, third] = ring.after(0);
    expect(second?.samples).toHaveLength(25);
    expect(second?.endTicks).toBe(50 * frameTicks);
    expect(third?.samples[0]?.ticks).toBe(60 * frameTicks);
  });
});
