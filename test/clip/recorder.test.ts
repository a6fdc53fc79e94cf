// The recorder on a ring that a test fills: how often it writes, and what it does of a dome whose pictures
// change in kind.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Recorder } from '#agent/media/clip/recorder.ts';
import { Ring } from '#agent/media/clip/ring.ts';
import { Shelf } from '#agent/media/clip/shelf.ts';
import { Told } from '#agent/media/clip/told.ts';
import type { EvidenceSaid, MediaSaid } from '#agent/media/wire.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { coded, frameTicks, probe } from './pictures.ts';

const wait = { withinMs: 20_000 };
let dir: string;
let said: MediaSaid[];
let ring: Ring;
let recorder: Recorder;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-recorder-'));
  said = [];
  const told: Told = new Told((one) => {
    said.push(one);
    if ('n' in one) queueMicrotask(() => told.heard(one.n));
  });
  ring = new Ring();
  recorder = new Recorder({
    ...{ clock: systemClock(), ring, shelf: new Shelf(dir, told), told },
    ...{ why: () => null, disk: () => undefined },
  });
});
afterEach(async () => {
  await recorder.close();
  rmSync(dir, { recursive: true, force: true });
});

const of = <T extends EvidenceSaid['t']>(t: T) =>
  said.filter((one): one is Extract<EvidenceSaid, { t: T }> => one.t === t);
const fragments = () => of('evidence.written').flatMap((one) => one.fragments);
const there = (file: string) =>
  until(() => readdirSync(dir).includes(file), { ...wait, what: file });

describe('a dome that sends nothing but key pictures', () => {
  it('is written some at a time, never more than a message holds', async () => {
    const [picture] = coded(1, 1);
    if (!picture) throw new Error('no picture');
    // Half a minute in the ring, and a second more picture by picture.
    for (let n = 0; n < 750; n++) ring.push({ ...picture, ticks: n * frameTicks });
    recorder.want({ id: 'case', fromMs: 1 });
    await until(() => fragments().length >= 749, { ...wait, what: 'what was before' });
    const before = of('evidence.written').length;
    expect(before).toBe(8);
    for (let n = 750; n < 776; n++) {
      if (ring.push({ ...picture, ticks: n * frameTicks })) recorder.pump();
      await new Promise((done) => setImmediate(done));
    }
    await until(() => fragments().length >= 761, { ...wait, what: 'what came then' });
    expect(of('evidence.written').length - before).toBeLessThanOrEqual(2);
    recorder.want(null);
    await there('case-1.mp4');
    expect(probe(join(dir, 'case-1.mp4')).complaints).toBe('');
  });
});

describe('a dome that changes the size of its pictures', () => {
  it('begins another file, and both play', async () => {
    const small = coded(2, 1);
    const large = coded(2, 1, '640x480').map((one) => ({
      ...one,
      ticks: one.ticks + 2 * 25 * frameTicks,
    }));
    for (const picture of [...small, ...large]) ring.push(picture);
    ring.cut();
    recorder.want({ id: 'case', fromMs: 1 });
    await there('case-1.mp4');
    await until(() => fragments().length === 4, { ...wait, what: 'four groups' });
    recorder.want(null);
    await there('case-2.mp4');
    const sizes = [1, 2].map((n) => probe(join(dir, `case-${n}.mp4`)));
    expect(sizes.map(({ width, frames, complaints }) => [width, frames, complaints])).toEqual([
      ...[
        [320, 50, ''],
        [640, 50, ''],
      ],
    ]);
  });
});
