// The directory of clips: torn files are cut to what is whole, wherever they are torn; old ones go by age and
// by need, never one that is kept, and never before it is told.

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mend } from '#agent/media/clip/mend.ts';
import { Shelf } from '#agent/media/clip/shelf.ts';
import { Told } from '#agent/media/clip/told.ts';
import type { MediaSaid } from '#agent/media/wire.ts';
import { coded, fileOf, groupsOf, probe } from './pictures.ts';

let dir: string;
let said: MediaSaid[];
/** Files that were there when something was said. */
let there: string[][];
let told: Told;
let shelf: Shelf;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-shelf-'));
  said = [];
  there = [];
  told = new Told((one) => {
    said.push(one);
    there.push(readdirSync(dir));
    if ('n' in one) queueMicrotask(() => told.heard(one.n));
  });
  shelf = new Shelf(dir, told);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('a torn file', () => {
  const groups = groupsOf(coded(6, 1));
  const whole = fileOf(groups);
  /** Where fragments end, the head's end first. */
  const ends = groups.map((_, n) => fileOf(groups.slice(0, n + 1)).length);

  it('is cut at the last whole fragment, wherever it is torn', async () => {
    const file = join(dir, 'torn.mp4');
    const places = Array.from({ length: 60 }, (_, n) => Math.floor((whole.length * (n + 1)) / 60));
    for (const place of [...places, ...ends, ...ends.map((end) => end - 1)]) {
      writeFileSync(file, whole.subarray(0, place));
      const left = ends.filter((end) => end <= place);
      const mended = await mend(file);
      expect(mended?.bytes, `torn at ${place}`).toBe(left.at(-1));
      if (!mended) continue;
      const bytes = readFileSync(file);
      expect(bytes.equals(whole.subarray(0, mended.bytes))).toBe(true);
      expect(mended).toEqual({
        ...{ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
        ...{ wallMs: Date.UTC(2026, 0, 1), lengthMs: left.length * 1000, missingMs: 0 },
        fragments: left.length,
        video: { stream: 'main', codec: 'h264', width: 320, height: 240 },
      });
    }
    writeFileSync(file, whole.subarray(0, (ends[3] ?? 0) + 77));
    await mend(file);
    expect(probe(file)).toMatchObject({ complaints: '', frames: 100 });
  }, 60_000);

  it('is left alone where another process writes it: a call that goes on', async () => {
    for (const name of ['a-1.mp4.part', 'a-1.m4a.part', 'b-1.m4a'])
      writeFileSync(join(dir, name), '');
    const torn = async (of: Shelf) => (await of.torn()).map(({ name }) => name);
    expect(await torn(shelf)).toEqual(['a-1.mp4']);
    const talks = new Shelf(dir, told, 'talks');
    expect(await torn(talks)).toEqual(['a-1.m4a']);
    expect(await talks.nextPart('b')).toEqual({ name: 'b-2.m4a', part: 2 });
  });

  it('of noise or of nothing is none', async () => {
    const file = join(dir, 'noise.mp4');
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(4096), Buffer.alloc(4096, 0xff)]) {
      writeFileSync(file, bytes);
      expect(await mend(file)).toBeNull();
    }
  });

  it('tells the time of which there is nothing', async () => {
    const file = join(dir, 'gap.mp4');
    writeFileSync(file, fileOf(groups.filter(({ n }) => n !== 2 && n !== 4)));
    expect(await mend(file)).toMatchObject({ fragments: 4, lengthMs: 6_000, missingMs: 2_000 });
  });
});

describe('what goes', () => {
  const mb = 2 ** 20;
  const today = 20_000;
  const rules = { days: 30, capMb: 100, reserveMb: 0, kept: [] as string[], today };
  /** Of one megabyte, so many days old. */
  function put(name: string, daysOld: number): void {
    writeFileSync(join(dir, name), Buffer.alloc(mb));
    const atS = (today - daysOld) * 86_400 + 3_600;
    utimesSync(join(dir, name), atS, atS);
  }
  const purged = () => said.flatMap((one) => (one.t === 'evidence.purged' ? [one] : []));

  it('is older than the rule, and told while it is still there', async () => {
    for (const [name, days] of [['a-1.mp4', 31] as const, ['b-0.jpg', 30] as const])
      put(name, days);
    expect(await shelf.tidy(rules)).toBeNull();
    expect(readdirSync(dir)).toEqual(['b-0.jpg']);
    expect(purged()).toEqual([
      { t: 'evidence.purged', n: 1, file: 'a-1.mp4', bytes: mb, reason: 'age' },
    ]);
    expect(there[0]).toContain('a-1.mp4');
  });

  it('is the oldest first where there is too much, never what is kept or being written', async () => {
    put('held-1.mp4', 90);
    put('new-1.mp4.part', 80);
    for (const [n, name] of ['c', 'b', 'a'].entries()) put(`${name}-1.mp4`, 20 - n);
    put('notes.txt', 400);
    expect(await shelf.tidy({ ...rules, capMb: 3, kept: ['held'] })).toBeNull();
    expect(readdirSync(dir)).toEqual(['a-1.mp4', 'held-1.mp4', 'new-1.mp4.part', 'notes.txt']);
    expect(purged().map(({ file, reason }) => [file, reason])).toEqual([
      ['c-1.mp4', 'space'],
      ['b-1.mp4', 'space'],
    ]);
  });

  it('is news before a case, however new, where there is too much', async () => {
    for (const [n, name] of ['a-1.mp4', 'b-1.mp4', 'noticed-c-0.jpg'].entries()) put(name, 9 - n);
    expect(await shelf.tidy({ ...rules, capMb: 2 })).toBeNull();
    expect(readdirSync(dir)).toEqual(['a-1.mp4', 'b-1.mp4']);
    expect(await shelf.tidy({ ...rules, capMb: 1 })).toBeNull();
    expect(readdirSync(dir)).toEqual(['b-1.mp4']);
  });

  it('is a bundle before any clip, and after a day: it can be made again', async () => {
    put('held-1.mp4', 90);
    put('held-1700000000000.zip', 0);
    put('b-1.mp4', 20);
    expect(await shelf.tidy({ ...rules, capMb: 2, kept: ['held'] })).toBeNull();
    expect(readdirSync(dir)).toEqual(['b-1.mp4', 'held-1.mp4']);
    put('b-1700000000001.zip', 2);
    await shelf.tidy({ ...rules, kept: ['b', 'held'] });
    expect(readdirSync(dir)).toEqual(['b-1.mp4', 'held-1.mp4']);
  });

  it('says so, in two sentences, where nothing may go', async () => {
    put('held-1.mp4', 90);
    const never = { ...rules, reserveMb: 1e9 };
    expect(await shelf.tidy({ ...never, kept: ['held'] })).toMatch(/^There is no room .* disk\.$/);
    expect(readdirSync(dir)).toEqual(['held-1.mp4']);
  });

  it('is never of an age that nobody knows: without a clock, or dated by a wrong one', async () => {
    put('a-1.mp4', 200);
    expect(await shelf.tidy({ ...rules, today: null })).toBeNull();
    utimesSync(join(dir, 'a-1.mp4'), 1_000, 1_000);
    const now = Math.floor(Date.UTC(2026, 10, 21) / 86_400_000);
    await shelf.date(now);
    expect(await shelf.tidy({ ...rules, today: now })).toBeNull();
    expect(await shelf.tidy({ ...rules, today: now + 31 })).toBeNull();
    expect(readdirSync(dir)).toEqual([]);
  });
});
