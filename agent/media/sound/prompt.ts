// What the loudspeaker says by itself: WAV files, a folder a language, made by scripts/prompts and
// replaceable by a recorded speaker.

import type { SoundFrame } from '../../ports.ts';
import { readWav } from '../../wav.ts';
import { frameSamples } from './frame.ts';

const rate = 48_000;
const secondsMax = 30;

/** Frames of a WAV file; beyond 30 s it is cut. Throws a Refusal that says what is wrong with it. */
export function readPrompt(path: string): SoundFrame[] {
  const samples = readWav(path, rate).subarray(0, rate * secondsMax);
  return Array.from({ length: Math.ceil(samples.length / frameSamples) }, (_, n) => {
    const frame = new Int16Array(frameSamples);
    frame.set(samples.subarray(n * frameSamples, (n + 1) * frameSamples));
    return frame;
  });
}
