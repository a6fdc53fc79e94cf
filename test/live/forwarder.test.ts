// From the cache to one viewer, on a virtual clock: numbers without gaps, times that rise, a group
// pressed together at the live edge, and no more at once than a line takes.

import { beforeEach, describe, expect, test } from 'vitest';
import { Forwarder } from '#agent/media/live/forwarder.ts';
import { Group, groupLimits, type Picture } from '#agent/media/live/group.ts';
import { parseRtp, type RtpPacket, step } from '#agent/media/live/rtp.ts';
import { VirtualClock } from '#test/fakes/clock.ts';

const frame = 3_600;
const picture = (ticks: number, key = false, packets = 1): Picture => ({
  ...{ ticks, key, payloads: Array.from({ length: packets }, () => Buffer.from([key ? 5 : 1])) },
  bytes: packets,
});

let clock: VirtualClock;
let sent: RtpPacket[];
let forwarder: Forwarder;
let group: Group;
beforeEach(() => {
  clock = new VirtualClock();
  sent = [];
  group = new Group();
  const offset = 2 ** 32 - 90_000 * 3;
  const own = { ssrc: 7, payloadType: 102, sequence: 65_530, offset };
  const send = (packet: Buffer) => {
    const read = parseRtp(Buffer.from(packet));
    if (read) sent.push(read);
  };
  forwarder = new Forwarder({ ...own, clock, send });
});

/** Onto the group and to the viewer, as a feed does it. */
function onAir(from: number, to: number, keyEvery = 50): void {
  for (let n = from; n < to; n++) {
    const one = picture(n * frame, n % keyEvery === 0);
    group.push(one);
    forwarder.push(one);
    clock.advance(40);
  }
}

function expectSmooth(): void {
  for (const [n, { sequence, timestamp }] of sent.entries()) {
    const before = sent[n - 1];
    if (!before) continue;
    expect(step(before.sequence, sequence, 16), `packet ${n}`).toBe(1);
    if (before.marker)
      expect(step(before.timestamp, timestamp, 32), `packet ${n}`).toBeGreaterThan(0);
    else expect(timestamp).toBe(before.timestamp);
  }
}
const spread = (from: number, to: number): number =>
  step(sent[from]?.timestamp ?? 0, sent[to]?.timestamp ?? 0, 32);

describe('joining', () => {
  test('in the middle of a group: all of it at once, pressed to the live edge', () => {
    for (let n = 0; n < 30; n++) group.push(picture(n * frame, n === 0));
    expect(forwarder.show(group)).toBe(true);
    expect(sent).toHaveLength(30);
    expect(sent[0]?.payload[0]).toBe(5);
    // 29 pictures in 29 ms; the last has its own time, and what follows goes on in the usual step.
    expect(spread(0, 29)).toBe(29 * 90);
    onAir(30, 33);
    expect(spread(29, 32)).toBe(3 * frame);
    expectSmooth();
  });

  test('before there is anything, and after a cut: the next key picture begins', () => {
    expect(forwarder.show(group)).toBe(false);
    onAir(1, 50);
    expect(sent).toHaveLength(0);
    onAir(50, 55);
    expect(sent).toHaveLength(5);
    forwarder.interrupt();
    onAir(55, 102);
    expect(sent.map(({ payload }) => payload[0])).toEqual([5, 1, 1, 1, 1, 5, 1]);
    expectSmooth();
  });

  test('a group that is too long is a still until the next key picture', () => {
    for (let n = 0; n <= groupLimits.ticksMax / frame + 1; n++)
      group.push(picture(n * frame, n === 0));
    expect(group.isWhole).toBe(false);
    forwarder.show(group);
    expect(sent.map(({ payload }) => payload[0])).toEqual([5]);
    forwarder.push(picture(600 * frame));
    expect(sent).toHaveLength(1);
    forwarder.push(picture(601 * frame, true));
    expect(sent).toHaveLength(2);
    expectSmooth();
  });

  test('a group of too many bytes likewise', () => {
    group.push(picture(0, true));
    group.push({ ...picture(frame), bytes: groupLimits.bytesMax });
    expect(group.pictures).toHaveLength(1);
    expect(group.isWhole).toBe(false);
  });
});

describe('again', () => {
  test('a viewer who cannot decode gets the group between two pictures', () => {
    onAir(0, 30);
    forwarder.show(group);
    expect(sent).toHaveLength(60);
    expect(spread(29, 59)).toBeLessThan(frame);
    onAir(30, 32);
    expect(spread(29, 61)).toBe(2 * frame);
    expectSmooth();
  });

  test('another stream, or ffmpeg anew: the numbers go on', () => {
    onAir(0, 10);
    const second = new Group();
    second.push(picture(9 * frame + 500, true));
    second.push(picture(10 * frame + 500));
    forwarder.show(second);
    forwarder.push(picture(11 * frame + 500));
    // Its times even go back a little.
    forwarder.push(picture(11 * frame, true));
    expect(sent).toHaveLength(14);
    expectSmooth();
  });

  test('what has not gone out yet is dropped for it', () => {
    group.push(picture(0, true, 400));
    forwarder.show(group);
    expect(sent).toHaveLength(100);
    forwarder.show(group);
    clock.advance(1_000);
    expect(sent).toHaveLength(500);
    const numbers = sent.map(({ sequence }) => sequence);
    expect(numbers.slice(1).every((one, n) => step(numbers[n] ?? 0, one, 16) === 1)).toBe(true);
  });
});

describe('pace', () => {
  test('a large key picture goes out in 5 ms steps, in order, with what follows behind it', () => {
    forwarder.push(picture(0, true, 300));
    expect(sent).toHaveLength(100);
    forwarder.push(picture(frame));
    clock.advance(10);
    expect(sent).toHaveLength(150);
    clock.advance(60);
    expect(sent).toHaveLength(301);
    expect(sent.at(-1)?.payload[0]).toBe(1);
    expectSmooth();
  });

  test('a viewer far behind begins anew at a key picture', () => {
    forwarder.push(picture(0, true, 12_500));
    forwarder.push(picture(frame));
    clock.advance(5_000);
    const count = sent.length;
    expect(count).toBe(100);
    forwarder.push(picture(2 * frame, true));
    expect(sent).toHaveLength(count + 1);
  });

  test('closed, it sends nothing more and leaves no timer', () => {
    forwarder.push(picture(0, true, 300));
    forwarder.close();
    clock.advance(1_000);
    expect(sent).toHaveLength(100);
  });
});
