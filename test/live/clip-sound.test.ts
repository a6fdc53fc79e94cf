// The sound of a clip as the live process keeps it of a dome's real stream: in step with the picture, before
// the press and after it; a wire that is cut and sound that cannot be coded cost no picture.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { probe } from '#test/clip/pictures.ts';
import { scenesIn, soundIn, soundsOf } from '#test/support/media/film.ts';
import { heardAbove, seek } from '#test/support/media/judge.ts';
import { nowMs } from '#test/support/media/recording.ts';
import { burst } from '#test/support/media/signal.ts';
import { until } from '#test/support/wait.ts';
import { ClipRig } from './clips.ts';
import { Player } from './player.ts';
import { sourceOf } from './rig.ts';

const wait = { withinMs: 60_000 };
const size = { width: 320, height: 180 } as const;
/** ITU-R BT.1359: sound that is 125 ms late is noticed, 45 ms early; of both the half. */
const inStepMs = 80;
let dome: SimDome;
let dir: string;
let rig: ClipRig | null = null;
beforeAll(async () => {
  dome = await startDome({ video: { main: { ...size, kbps: 200, gopSeconds: 1 } } });
  dome.microphone.tone(null);
});
afterAll(() => dome.close());
afterEach(async () => {
  await rig?.live.close();
  rig = null;
  dome.microphone.isCut = false;
  rmSync(dir, { recursive: true, force: true });
});

async function recorder(from = dome, path = process.env.PATH ?? ''): Promise<ClipRig> {
  dir ??= mkdtempSync(join(tmpdir(), 'gate-heard-'));
  rig = new ClipRig(join(dir, 'clips'), {}, { PATH: path });
  return rig.open(sourceOf(from.rtspUrl('main')));
}

interface Played {
  readonly seed: number;
  readonly atMs: number;
}

/** A burst at the gate, now, for a microphone of 8 kHz. */
function play(seed: number, at = dome): Played {
  const sound = burst(seed);
  at.microphone.play(Int16Array.from({ length: sound.length / 6 }, (_, n) => sound[6 * n] ?? 0));
  return { seed, atMs: nowMs() };
}

const pass = (ms: number) => {
  const end = nowMs() + ms;
  return until(() => nowMs() >= end, { withinMs: ms + 10_000, what: 'time' });
};

async function playSome(seeds: readonly number[], at = dome): Promise<Played[]> {
  const played: Played[] = [];
  for (const seed of seeds) {
    played.push(play(seed, at));
    await pass(450);
  }
  return played;
}

const median = (all: readonly number[]): number =>
  [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;

/** How late the file's pictures are, by the time at which they were drawn. */
function pictureLateMs(file: string, startMs: number): number {
  const { times } = probe(file);
  const wallMs = Date.now() - nowMs();
  const late = scenesIn(file, size.width, size.height).flatMap((scene, n) =>
    scene ? [startMs + (times[n] ?? 0) * 1000 - (scene.sentMs - wallMs)] : [],
  );
  expect(late.length).toBeGreaterThan(times.length / 2);
  return median(late);
}

describe('the sound of a clip', () => {
  test('is in step with the picture before and after the press, and after a wire was cut', async () => {
    const clip = await recorder();
    await until(() => !clip.live.fault, { ...wait, what: 'the stream' });
    clip.press('warm', 0);
    await until(() => clip.fragments.length >= 3, { ...wait, what: 'three groups' });
    await clip.resolve('warm-1.mp4');
    const before = await playSome([11, 12, 13]);
    clip.press('case', 4_000);
    const after = await playSome([14, 15, 16]);
    dome.microphone.isCut = true;
    const unheard = await playSome([17, 18]);
    await pass(1_500);
    dome.microphone.isCut = false;
    const again = await playSome([19, 20, 21]);
    await pass(1_500);
    const stored = await clip.resolve('case-1.mp4');

    const file = clip.opened('case-1.mp4');
    expect(clip.files().filter((name) => name.startsWith('case'))).toEqual(['case-1.mp4']);
    expect(stored).toMatchObject({ missingMs: 0, sha256: clip.onDisk('case-1.mp4').sha256 });
    const probed = probe(file);
    expect(probed.complaints).toBe('');
    expect(Math.abs(probed.seconds * 1000 - stored.lengthMs)).toBeLessThan(50);
    expect(soundsOf(file)).toMatchObject([{ codec: 'opus', startS: 0 }]);
    const startMs = clip.fragments.find((one) => one.file === 'case-1.mp4')?.monoMs ?? Number.NaN;
    const heard = soundIn(file, 0, startMs);
    const lateMs = pictureLateMs(file, startMs);
    const stepOf = (played: readonly Played[]) => {
      const found = played.map(({ seed, atMs }) => seek(heard, seed, atMs));
      const whole = found.filter(({ likeness }) => likeness > heardAbove);
      expect(whole.length, JSON.stringify(found)).toBeGreaterThan(0);
      return median(whole.map(({ delayMs }) => delayMs)) - lateMs;
    };
    const steps = [stepOf(before), stepOf(after), stepOf(again)].map(Math.round);
    console.log(`clip: sound after picture, ms: ${JSON.stringify(steps)} (${Math.round(lateMs)})`);
    for (const step of steps) expect(Math.abs(step)).toBeLessThan(inStepMs);
    for (const { seed, atMs } of unheard)
      expect(seek(heard, seed, atMs).likeness).toBeLessThan(heardAbove);

    const player = await Player.open();
    try {
      const played = await player.play(file);
      expect(played).toMatchObject({ error: null, width: 320 });
      expect(played.seconds).toBeGreaterThan(probed.seconds - 0.2);
      expect(played.soundBytes).toBeGreaterThan(1_000);
    } finally {
      await player.close();
    }
  }, 180_000);

  test('of a dome that speaks AAC is there, and late by its coder alone', async () => {
    const other = await startDome({
      video: { main: { ...size, kbps: 200, gopSeconds: 1 } },
      sound: { microphone: 'AAC' },
    });
    const clip = await recorder(other);
    try {
      other.microphone.tone(null);
      await until(() => !clip.live.fault, { ...wait, what: 'the stream' });
      // What is kept of the time before the press has sound from its beginning.
      await pass(3_000);
      clip.press('case', 1_000);
      const played = await playSome([31, 32, 33], other);
      await pass(2_000);
      await clip.resolve('case-1.mp4');
      const file = clip.opened('case-1.mp4');
      expect(probe(file).complaints).toBe('');
      expect(soundsOf(file)).toMatchObject([{ codec: 'opus', startS: 0 }]);
      const startMs = clip.fragments.find((one) => one.file === 'case-1.mp4')?.monoMs ?? Number.NaN;
      const heard = soundIn(file, 0, startMs);
      const found = played.map(({ seed, atMs }) => seek(heard, seed, atMs));
      const whole = found.filter(({ likeness }) => likeness > heardAbove);
      const lateMs = median(whole.map(({ delayMs }) => delayMs)) - pictureLateMs(file, startMs);
      console.log(`clip: sound of AAC after picture, ms: ${Math.round(lateMs)}`);
      expect(whole.length, JSON.stringify(found)).toBeGreaterThan(1);
      // Two frames of 128 ms in the coder, and one on its way.
      expect(lateMs).toBeLessThan(3 * 128 + inStepMs);
    } finally {
      await other.close();
    }
  });

  test('that is announced and never comes holds up no picture', async () => {
    dome.microphone.isCut = true;
    const clip = await recorder();
    clip.press('case', 0);
    await until(() => clip.fragments.length >= 3, { ...wait, what: 'three groups' });
    expect(await clip.resolve('case-1.mp4')).toMatchObject({ missingMs: 0 });
    expect(soundsOf(clip.opened('case-1.mp4'))).toEqual([]);
    expect(probe(clip.opened('case-1.mp4')).complaints).toBe('');
  });

  test('that cannot be coded is gone without, and the picture is there', async () => {
    dir = mkdtempSync(join(tmpdir(), 'gate-heard-'));
    // As ffmpeg does with a codec that it does not know.
    const words = [
      'case "$*" in *libopus*)',
      'echo "  Stream #0:1: Audio: none" >&2; exit 1;; esac',
    ];
    const script = ['#!/bin/sh', ...words, `PATH='${process.env.PATH}' exec ffmpeg "$@"`, ''];
    writeFileSync(join(dir, 'ffmpeg'), script.join('\n'));
    chmodSync(join(dir, 'ffmpeg'), 0o755);
    const clip = await recorder(dome, `${dir}:${process.env.PATH}`);
    clip.press('case', 0);
    await until(() => clip.fragments.length >= 2, { ...wait, what: 'two groups' });
    await clip.resolve('case-1.mp4');
    expect(soundsOf(clip.opened('case-1.mp4'))).toEqual([]);
    expect(probe(clip.opened('case-1.mp4')).complaints).toBe('');
    expect(clip.live.fault).toBeNull();
  });
});
