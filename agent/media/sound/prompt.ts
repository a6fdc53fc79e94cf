// What the loudspeaker says by itself: WAV files, a folder a language, made by scripts/prompts and
// replaceable by a recorded speaker. Played at the pace of the room, for the loudspeaker's queue is short.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Clock, Sound, SoundFrame } from '../../ports.ts';
import { readWav } from '../../wav.ts';
import { frameMs, frameSamples } from './frame.ts';

export const promptNames = [
  'sent',
  'undelivered',
  'taken',
  'announce',
  'drill',
  'talk-test',
] as const;
export type PromptName = (typeof promptNames)[number];
export const promptLanguages = ['zh', 'en'] as const;
export type PromptLanguage = (typeof promptLanguages)[number];

const rate = 48_000;
const secondsMax = 30;
/** Beside the bundle, or where the sources run. */
const places = ['./prompts', '../../../config/prompts'];
/** Frames ahead of the room, so that a late timer makes no gap. */
const aheadFrames = 2;

/** The file that ships. */
export function promptPath(language: PromptLanguage, name: PromptName): string {
  const dirs = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return `${dirs.find((dir) => existsSync(dir)) ?? dirs[0]}/${language}/${name}.wav`;
}

/** Frames of a WAV file; beyond 30 s it is cut. Throws a Refusal that says what is wrong with it. */
export function readPrompt(path: string): SoundFrame[] {
  const samples = readWav(path, rate).subarray(0, rate * secondsMax);
  return Array.from({ length: Math.ceil(samples.length / frameSamples) }, (_, n) => {
    const frame = new Int16Array(frameSamples);
    frame.set(samples.subarray(n * frameSamples, (n + 1) * frameSamples));
    return frame;
  });
}

/** Says it once; `done` when the last frame is on its way. Returns what cuts it short. */
export function playPrompt(
  prompt: readonly SoundFrame[],
  { sound, clock, done }: { sound: Pick<Sound, 'play'>; clock: Clock; done: () => void },
): () => void {
  const beganMs = clock.now().monoMs;
  let next = 0;
  let cancel: () => void = () => undefined;
  const tick = (): void => {
    const due = aheadFrames + Math.floor((clock.now().monoMs - beganMs) / frameMs);
    // A loop that was held up skips what is past, or it would come in one heap.
    next = Math.max(next, due - 2 * aheadFrames);
    for (; next < Math.min(due, prompt.length); next++) {
      const frame = prompt[next];
      if (frame) sound.play(frame);
    }
    if (next >= prompt.length) return done();
    cancel = clock.after(frameMs, tick);
  };
  tick();
  return () => cancel();
}
