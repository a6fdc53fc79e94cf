// The sound of a clip: laid out along the pictures whatever its own clock and the line do, silence where it
// is missing, and a file that is whole with it, without it, and cut anywhere.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ClipFile } from '#agent/media/clip/clip-file.ts';
import { mend } from '#agent/media/clip/mend.ts';
import { SoundLine, type SoundPacket } from '#agent/media/clip/opus.ts';
import { type PictureGroup, Ring, ticksPerMs } from '#agent/media/clip/ring.ts';
import { Steady } from '#agent/media/live/steady.ts';
import { OggReader } from '#agent/media/talk/ogg.ts';
import { soundIn, soundsOf } from '#test/support/media/film.ts';
import { tonePower } from '#test/support/media/signal.ts';
import { coded, frameTicks, probe } from './pictures.ts';

const dir = mkdtempSync(join(tmpdir(), 'gate-sound-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const toneHz = 600;
/** Packets of a tone, 20 ms each. */
function toneOf(seconds: number): Buffer[] {
  const packets: Buffer[] = [];
  const source = ['-f', 'lavfi', '-i', `sine=f=${toneHz}:r=48000:d=${seconds}`];
  const code = ['-c:a', 'libopus', '-b:a', '24k', '-frame_duration', '20', '-f', 'ogg', 'pipe:1'];
  new OggReader((_, packet) => packets.push(packet)).push(
    execFileSync('ffmpeg', ['-v', 'error', ...source, ...code]),
  );
  return packets.slice(0, seconds * 50);
}

const ms = 48;
const packet = (atMs: number): SoundPacket => ({ ticks: atMs * ms, data: Buffer.of(1, 2, 3, 4) });

describe('the time of sound', () => {
  /** Packets of 20 ms that come late by so much; how far each is from its time, once settled. */
  function strays(seconds: number, lateMs: (n: number) => number, ppm = 0): number[] {
    const times = new Steady(ms);
    let comeMs = 0;
    return Array.from({ length: seconds * 50 }, (_, n) => {
      const atMs = 1_000 + n * 20;
      comeMs = Math.max(comeMs, atMs + lateMs(n));
      const timestamp = (2 ** 32 - 40_000 + Math.round(n * 960 * (1 + ppm / 1e6))) % 2 ** 32;
      return times.at(timestamp, comeMs) / ms - atMs;
    }).slice(100);
  }

  it('is not shifted by a line that stands still for a moment, nor by waves', () => {
    const stalls = strays(60, (n) => (n % 400 === 399 ? 700 : (n * 7) % 12));
    expect(Math.max(...stalls.map(Math.abs))).toBeLessThan(4);
  });

  it.each([-300, 300])('follows a clock that is %i ppm fast', (ppm) => {
    expect(Math.max(...strays(600, () => 5, ppm).map((one) => Math.abs(one - 5)))).toBeLessThan(3);
  });

  it('begins anew where the dome sets its clock, back or ahead, and after a restart', () => {
    const times = new Steady(ms);
    const at = [0, 960, 1_920].map((timestamp, n) => times.at(timestamp, 1_000 + n * 20) / ms);
    expect(at).toEqual([1_000, 1_020, 1_040]);
    expect(times.at(1_000_000, 1_060) / ms).toBeCloseTo(1_060, 1);
    expect(times.at(1_000, 1_080) / ms).toBeCloseTo(1_080, 1);
    times.restart();
    expect(times.at(77, 9_000) / ms).toBe(9_000);
  });
});

describe('sound along the pictures', () => {
  /** Groups of a second; how far each packet of sound lies from its time, milliseconds. */
  function strays(seconds: number, timeOf: (n: number) => number | null): number[] {
    const line = new SoundLine(0);
    const all = Array.from({ length: seconds * 60 }, (_, n) => {
      const atMs = timeOf(n);
      return atMs === null ? [] : [{ ticks: atMs * ms, data: Buffer.from(`${atMs}`) }];
    }).flat();
    const found: number[] = [];
    let end = 0;
    for (let s = 0; s < seconds; s++) {
      // Sound comes 60 ms after its time.
      const come = ({ ticks }: SoundPacket) => ticks / ms + 60;
      const now = all.filter((one) => come(one) >= s * 1000 && come(one) < s * 1000 + 1000);
      const run = line.take(2, now, (s + 1) * 1000 * ms);
      expect(run.start).toBe(end);
      for (const { duration, data } of run.samples) {
        const text = data.toString('latin1');
        if (/^[\d.]+$/.test(text)) found.push(end / ms - Number(text));
        end += duration;
      }
    }
    return found;
  }
  const most = (all: readonly number[]) => Math.max(...all.map(Math.abs));

  it.each([-1_000, 0, 1_000])(
    '%i ppm apart it stays within 31 ms of them, for ten minutes',
    (ppm) => {
      const found = strays(600, (n) => n * 20 * (1 + ppm / 1e6));
      expect(found.length).toBeGreaterThan(29_900);
      expect(most(found)).toBeLessThanOrEqual(31);
    },
  );

  it('that comes in waves of 64 ms, as AAC does, is laid out evenly', () => {
    expect(most(strays(20, (n) => n * 20 + ((n * 20) % 64) / 4))).toBeLessThanOrEqual(40);
  });

  it('is silence where it is missing, and goes on in its place', () => {
    const found = strays(20, (n) => (n > 150 && n < 650 ? null : n * 20));
    expect(found).toHaveLength(20 * 50 - 499 - 3);
    expect(most(found)).toBeLessThanOrEqual(10);
  });

  it('from before the file, or said twice, is left out', () => {
    const line = new SoundLine(1_000 * ms);
    const run = line.take(2, [packet(900), packet(970), packet(1_004)], 2_000 * ms);
    expect(run.samples.map(({ data }) => data.length)).toEqual([4, ...Array(24).fill(3)]);
    const again = line.take(2, [packet(1_100), packet(1_500)], 2_200 * ms);
    expect(again).toMatchObject({ start: 500 * ms });
    expect(again.samples.map(({ data }) => data.length)).toEqual([4, ...Array(9).fill(3)]);
  });
});

/** Seconds of pictures with the tone beside them, in groups of one; no sound where `isHeard` says so. */
function groupsWith(seconds: number, isHeard: (atMs: number) => boolean): readonly PictureGroup[] {
  const ring = new Ring({ keptMs: 3_600_000 });
  const tone = toneOf(seconds);
  let next = 0;
  const originMs = 77_000;
  for (const picture of coded(seconds, 1)) {
    const ticks = picture.ticks + originMs * ticksPerMs;
    ring.push({ ...picture, ticks });
    // 40 ms after its time.
    for (; next * 20 + 40 <= picture.ticks / ticksPerMs; next++) {
      const data = tone[next];
      if (data && isHeard(next * 20)) ring.sound({ ticks: (originMs + next * 20) * ms, data });
    }
  }
  ring.cut();
  return ring.after(0);
}

async function written(name: string, groups: readonly PictureGroup[]): Promise<string> {
  const path = join(dir, name);
  const [first, ...more] = groups;
  const file = first && (await ClipFile.open(path, [first, ...more], Date.UTC(2026, 0, 1)));
  if (!file) throw new Error('no groups');
  expect(groups.every((group) => file.takes(group))).toBe(true);
  for (const group of groups) await file.append([group]);
  await file.close();
  return path;
}

/** Whether there is the tone, at so many seconds of the file. */
function hasTone(file: string, atS: number): boolean {
  const { samples } = soundIn(file, 0, 0);
  return tonePower(samples.subarray(atS * 48_000, atS * 48_000 + 4_800), toneHz).share > 0.8;
}

describe('a file', () => {
  const whole = groupsWith(6, () => true);

  it('has both, from the first picture to the last, and nobody complains', async () => {
    const file = await written('both.mp4', whole);
    expect(probe(file)).toMatchObject({ complaints: '', frames: 150, width: 320 });
    const [sound, ...more] = soundsOf(file);
    expect(more).toEqual([]);
    expect(sound).toMatchObject({ codec: 'opus', startS: 0 });
    expect(sound?.seconds).toBeGreaterThan(5.9);
    expect(sound?.seconds).toBeLessThanOrEqual(6.02);
    for (const atS of [0.1, 3, 5.7]) expect(hasTone(file, atS), `${atS} s`).toBe(true);
  });

  it('plays on where the sound is missing for a while, and for good', async () => {
    const away = await written(
      'away.mp4',
      groupsWith(6, (atMs) => atMs < 1_500 || atMs >= 4_000),
    );
    expect(probe(away)).toMatchObject({ complaints: '', frames: 150 });
    const heard = [1, 2, 3.8, 4.2, 5.5].map((atS) => hasTone(away, atS));
    expect(heard).toEqual([true, false, false, true, true]);
    const gone = await written(
      'gone.mp4',
      groupsWith(6, (atMs) => atMs < 1_500),
    );
    expect(probe(gone)).toMatchObject({ complaints: '', frames: 150 });
    expect(soundsOf(gone)[0]?.seconds).toBeGreaterThan(5);
  });

  it('without sound has no track of it, and does not take a group with some', async () => {
    const [first, ...more] = groupsWith(2, () => false);
    if (!first) throw new Error('no groups');
    const path = join(dir, 'mute.mp4');
    const file = await ClipFile.open(path, [first, ...more], 0);
    await file?.append([first, ...more]);
    expect(file?.takes(first)).toBe(true);
    expect(file?.takes(whole[0] ?? first)).toBe(false);
    await file?.close();
    expect(soundsOf(path)).toEqual([]);
    expect(probe(path)).toMatchObject({ complaints: '', frames: 50 });
  });

  it('is cut at its last whole fragment wherever it is torn, and both still play', async () => {
    const path = await written('torn.mp4', whole);
    const bytes = readFileSync(path);
    const places = Array.from({ length: 40 }, (_, n) => Math.floor((bytes.length * (n + 1)) / 40));
    for (const place of places) {
      writeFileSync(path, bytes.subarray(0, place));
      const mended = await mend(path);
      if (!mended) continue;
      expect(mended.lengthMs).toBe(mended.fragments * 1000);
      expect(mended.missingMs).toBe(0);
      expect(readFileSync(path).equals(bytes.subarray(0, mended.bytes))).toBe(true);
    }
    writeFileSync(path, bytes.subarray(0, bytes.length - 1));
    expect(await mend(path)).toMatchObject({ fragments: 5 });
    expect(probe(path)).toMatchObject({ complaints: '', frames: 125 });
    expect(hasTone(path, 4.5)).toBe(true);
  });
});

describe('the ring', () => {
  it('counts sound, keeps it for the picture that comes, and never more than a while of it', () => {
    const ring = new Ring();
    const units = [Buffer.alloc(9, 7), Buffer.alloc(4, 8), Buffer.alloc(100, 5)];
    for (let n = 0; n < 5_000; n++) ring.sound(packet(n * 20));
    expect(ring.bytes).toBe(0);
    ring.push({ ticks: 0, key: true, units });
    expect(ring.bytes).toBe(104 + 4 * 250);
    for (let n = 0; n < 5_000; n++) ring.sound(packet(n * 20));
    ring.push({ ticks: frameTicks, key: true, units });
    expect(ring.after(0)[0]?.sound).toHaveLength(3_000);
    expect(ring.bytes).toBe(2 * 104 + 4 * 3_000);
    for (let n = 2; n < 1_000; n++) ring.push({ ticks: n * frameTicks, key: true, units });
    expect(ring.bytes).toBeLessThan(104 * 25 * 33);
  });
});
