// RTP to pictures: whole ones are whole, damaged ones are known to be, and nothing grows.

import { describe, expect, test } from 'vitest';
import { Assembler, assemblerLimits, type CodedPicture } from '#agent/media/live/assembler.ts';
import { payloadsOf } from '#agent/media/live/h264.ts';
import { parseRtp, payloadBytesMax } from '#agent/media/live/rtp.ts';
import { bSlice, fragmentsOf, idr, pps, pSlice, rtpOf, sps, stapOf } from './rtp.ts';

type Sent = { readonly at: number; readonly payload: Buffer; readonly last?: boolean };

function picturesOf(sent: readonly Sent[], lost: readonly number[] = []): CodedPicture[] {
  const pictures: CodedPicture[] = [];
  const assembler = new Assembler((picture) => pictures.push(picture));
  for (const [n, { at, payload, last = true }] of sent.entries()) {
    if (lost.includes(n)) continue;
    // The numbers begin anew on the way.
    const bytes = rtpOf({ sequence: 65_534 + n, timestamp: at, marker: last }, payload);
    const packet = parseRtp(bytes);
    if (packet) assembler.take(packet);
  }
  return pictures;
}
const kinds = ({ units }: CodedPicture): number[] => units.map((unit) => (unit[0] ?? 0) & 31);

describe('pictures', () => {
  test('single, aggregated and fragmented units come out as they went in', () => {
    const large = idr(5_000);
    const pictures = picturesOf([
      { at: 1, payload: stapOf(sps(), pps(), Buffer.from([9, 0xf0])), last: false },
      ...fragmentsOf(large, 900).map((payload, n, all) => {
        return { at: 1, payload, last: n === all.length - 1 };
      }),
      { at: 3_601, payload: pSlice() },
    ]);
    expect(pictures.map(({ key, damaged }) => ({ key, damaged }))).toEqual([
      { key: true, damaged: false },
      { key: false, damaged: false },
    ]);
    expect(pictures[0]?.units).toEqual([sps(), pps(), large]);
    expect(pictures[1]?.units).toEqual([pSlice()]);
  });

  test('parameter sets that come alone, as from ffmpeg, go with the key picture after them', () => {
    const pictures = picturesOf([
      { at: 1, payload: stapOf(sps(), pps()) },
      { at: 2, payload: idr() },
    ]);
    expect(pictures.map(kinds)).toEqual([[7, 8, 5]]);
  });

  test('every key picture has them, each once, the newest', () => {
    const pictures = picturesOf([
      { at: 1, payload: stapOf(sps(1), pps(1), sps(2), pps(2)), last: false },
      { at: 1, payload: idr() },
      { at: 2, payload: idr() },
    ]);
    expect(pictures[0]?.units).toEqual([sps(2), pps(2), idr()]);
    expect(pictures[1]?.units).toEqual([sps(2), pps(2), idr()]);
  });

  test('a marker that was lost does not melt two pictures into one', () => {
    const pictures = picturesOf([
      { at: 1, payload: idr(), last: false },
      { at: 2, payload: pSlice() },
    ]);
    expect(pictures.map(kinds)).toEqual([[5], [1]]);
  });

  test('B-frames are seen', () => {
    const pictures = picturesOf([
      { at: 1, payload: idr() },
      { at: 2, payload: bSlice() },
      { at: 3, payload: pSlice() },
    ]);
    expect(pictures.map(({ ahead }) => ahead)).toEqual([false, true, false]);
  });
});

describe('damage', () => {
  const sent: Sent[] = [
    { at: 1, payload: idr() },
    ...fragmentsOf(pSlice(3_000), 1_000).map((payload, n) => ({ at: 2, payload, last: n === 2 })),
    { at: 3, payload: pSlice() },
  ];
  test.each([1, 2, 3])('packet %i of a picture is lost', (lost) => {
    const pictures = picturesOf(sent, [lost]);
    expect(pictures.some(({ damaged }) => damaged)).toBe(true);
    expect(pictures.filter(({ damaged }) => !damaged).map(kinds)).not.toContainEqual([1, 1]);
    expect(pictures[0]).toMatchObject({ key: true, damaged: false });
  });

  test('one that never ends is given up, and the next is whole', () => {
    const part = Buffer.concat([Buffer.from([0x7c, 0x05]), Buffer.alloc(60_000)]);
    const first = Buffer.concat([Buffer.from([0x7c, 0x85]), Buffer.alloc(60_000)]);
    const count = Math.ceil((3 * assemblerLimits.pictureBytesMax) / 60_000);
    const pictures = picturesOf([
      { at: 1, payload: first, last: false },
      ...Array.from({ length: count }, () => ({ at: 1, payload: part, last: false })),
      { at: 2, payload: idr() },
    ]);
    expect(pictures.map(({ damaged }) => damaged)).toEqual([true, false]);
    expect(pictures[0]?.units).toEqual([]);
  });

  test('what is not whole is no packet', () => {
    expect(parseRtp(Buffer.alloc(11))).toBeNull();
    expect(parseRtp(Buffer.alloc(40))).toBeNull();
    const padded = rtpOf({ sequence: 1, timestamp: 1 }, Buffer.from([1, 2, 200]));
    padded[0] = 0xa0;
    expect(parseRtp(padded)).toBeNull();
    const extended = rtpOf({ sequence: 1, timestamp: 1 }, Buffer.from([0, 0, 0, 1, 9, 9, 9, 9, 7]));
    extended[0] = 0x90;
    expect(parseRtp(extended)?.payload).toEqual(Buffer.from([7]));
  });
});

test.each([1, 1_188, 1_189, 1_190, 2_374, 2_375, 100_000])('a unit of %i bytes, cut', (bytes) => {
  const unit = idr(Math.max(0, bytes - 2)).subarray(0, bytes);
  const payloads = payloadsOf(unit);
  expect(Math.max(...payloads.map(({ length }) => length))).toBeLessThanOrEqual(payloadBytesMax);
  const [key, picture] = picturesOf([
    { at: 1, payload: idr() },
    ...payloads.map((payload, n) => ({ at: 2, payload, last: n === payloads.length - 1 })),
  ]);
  expect(key?.damaged).toBe(false);
  expect(picture?.units).toEqual([unit]);
});
