// Three dispatchers and one gate room: who is heard there, how loud, and what those hear who get or lose the
// floor. Real libwebrtc on both sides; speech at levels as microphones have them.

import { afterEach, expect, it } from 'vitest';
import { levelDb } from '#agent/media/frames.ts';
import { Level, voiceDb } from '#agent/media/talk/level.ts';
import { frameSamples, rate } from '#test/support/media/recording.ts';
import { toneFrame, tonePower } from '#test/support/media/signal.ts';
import { TalkRig } from '#test/support/media/talk-rig.ts';
import { until } from '#test/support/wait.ts';

let rig: TalkRig | null = null;
afterEach(async () => {
  await rig?.close();
  rig = null;
});

const frames = (samples: Int16Array): Int16Array[] =>
  Array.from({ length: Math.floor(samples.length / frameSamples) }, (_, n) =>
    samples.subarray(n * frameSamples, (n + 1) * frameSamples),
  );

/** Level of what was spoken, pauses left out, dBFS. */
function spokenDb(samples: Int16Array): number {
  const powers = frames(samples).map((frame) => 10 ** (levelDb(frame) / 10));
  const loud = powers.filter((power) => power > Math.max(...powers) / 10 ** 2.5);
  return 10 * Math.log10(loud.reduce((sum, power) => sum + power, 0) / loud.length);
}

/** Waits for `seconds` of sound more, and gives the last three of them. */
async function heard(where: string, seconds: number): Promise<Int16Array> {
  const length = () => rig?.recording(where, 'speaker').samples.length ?? 0;
  const enough = length() + seconds * rate;
  await until(() => length() >= enough, { withinMs: 60_000, what: `${seconds} s of ${where}` });
  return rig?.recording(where, 'speaker').samples.slice(-3 * rate) ?? new Int16Array();
}

it('loud and soft microphones arrive in the room at one level', { timeout: 90_000 }, async () => {
  rig = await new TalkRig().open();
  await rig.call('loud', { heard: 'words:6', speaks: true });
  await rig.call('soft', { heard: 'words:-20', speaks: false });
  await rig.call('third', { heard: 'none', speaks: false });
  const loudDb = spokenDb(await heard('room', 6));
  const alongDb = spokenDb(await heard('third', 1));
  rig.change('loud', { speaks: false });
  rig.change('soft', { speaks: true });
  const softDb = spokenDb(await heard('room', 6));
  expect(Math.abs(loudDb - softDb)).toBeLessThan(3);
  expect(Math.abs(alongDb - loudDb)).toBeLessThan(3);
  expect(Math.abs(loudDb - voiceDb)).toBeLessThan(5);
  expect(rig.faults).toEqual([]);
});

it('who gets or loses the floor hears it, the others and the room do not', {
  timeout: 90_000,
}, async () => {
  const hz = [620, 830];
  rig = await new TalkRig().open();
  await rig.call('a', { speaks: true });
  await rig.call('b', { speaks: false });
  await rig.call('c', { speaks: false });
  /** The notes in what was heard, one after the other. */
  const tune = (where: string): number[] => {
    const { samples } = rig?.recording(where, 'speaker') ?? { samples: new Int16Array() };
    const found = frames(samples).flatMap((frame) => {
      const loud = levelDb(frame) > -45;
      return hz.filter((one) => loud && tonePower(frame, one).share > 0.6);
    });
    return found.filter((one, n) => one !== found[n - 1]);
  };
  const pass = async (from: string, to: string) => {
    rig?.change(from, { speaks: false });
    rig?.change(to, { speaks: true });
  };
  await heard('c', 1);
  expect(['a', 'b', 'c', 'room'].map(tune)).toEqual([[], [], [], []]);
  await pass('a', 'b');
  await until(() => tune('b').length === 2 && tune('a').length === 2, {
    ...{ withinMs: 20_000, what: 'both tones' },
  });
  await heard('c', 1);
  expect(tune('a')).toEqual([830, 620]);
  expect(tune('b')).toEqual([620, 830]);
  expect(tune('c')).toEqual([]);
  expect(tune('room')).toEqual([]);
});

it('a level is followed while somebody speaks, within bounds, and never clips', () => {
  const after = (level: Level, frame: Int16Array, count: number, isSpoken = true) => {
    let last = frame;
    for (let n = 0; n < count; n++) last = level.take(frame, isSpoken);
    return last;
  };
  const at = (db: number) => toneFrame(1_000, 0, 32_767 * 10 ** ((db + 3) / 20));
  const level = new Level();
  expect(levelDb(after(level, at(-60), 500, false))).toBeCloseTo(-60, 0);
  expect(levelDb(after(level, at(-40), 500))).toBeCloseTo(voiceDb, 0);
  expect(levelDb(after(level, at(-10), 500))).toBeCloseTo(voiceDb, 0);
  expect(after(new Level(), at(-60), 500)).toSatisfy((frame) => levelDb(frame) < -35.9);
  // A shout after a whisper: limited from its first frame on, but for the way down.
  const whispered = new Level();
  after(whispered, at(-44), 500);
  whispered.take(at(-4), true);
  const shout = whispered.take(at(-4), true);
  expect(Math.max(...shout)).toBeLessThan(29_500);
  expect(Math.max(...shout)).toBeGreaterThan(20_000);
});
