// Who makes the sound in a test: a tone, or a burst of noise each second, told when it left; and a
// loudspeaker with a clock of its own. Runs in the processes of the test.

import { join } from 'node:path';
import { readPrompt } from '#agent/media/sound/prompt.ts';
import { frameSamples, nowMs, Recorder } from './recording.ts';
import { burst, toneFrame } from './signal.ts';

/** What a microphone hears. `bursts:7` begins one a second, of seeds from 7 on; `tone:440`; `none`;
 * `words:-20`: somebody speaks, 20 dB softer than our prompts are. */
export type Heard = string;

export const burstEveryFrames = 100;

/** Frame `n` of a source. */
export function frameOf(heard: Heard, n: number): Int16Array {
  const [kind, number = '0'] = heard.split(':');
  if (kind === 'tone') return toneFrame(Number(number), n);
  if (kind === 'words') return wordsFrame(n, 10 ** (Number(number) / 20));
  const frame = new Int16Array(frameSamples);
  if (kind !== 'bursts') return frame;
  const at = (n % burstEveryFrames) * frameSamples;
  const sound = burstOf(Number(number) + Math.floor(n / burstEveryFrames));
  frame.set(sound.subarray(at, at + frameSamples));
  return frame;
}

let spoken: readonly Int16Array[] | null = null;
function wordsFrame(n: number, gain: number): Int16Array {
  spoken ??= readPrompt(join(import.meta.dirname, '../../../config/prompts/en/announce.wav'));
  const frame = spoken[n % spoken.length] ?? new Int16Array(frameSamples);
  return frame.map((sample) => Math.max(-32_768, Math.min(32_767, sample * gain)));
}

const made = new Map<number, Int16Array>();
function burstOf(seed: number): Int16Array {
  const known = made.get(seed) ?? burst(seed);
  made.set(seed, known);
  return known;
}

/** Calls back each 10 ms by an absolute clock that is `ppm` fast. */
export function everyFrame(call: (n: number) => void, ppm = 0): () => void {
  const beganMs = nowMs();
  const frameMs = 10 / (1 + ppm / 1e6);
  let n = 0;
  const timer = setInterval(() => {
    for (; n * frameMs <= nowMs() - beganMs; n++) call(n);
  }, 2);
  return () => clearInterval(timer);
}

/** A microphone that writes down what it hears, as it hears it. */
export function microphone(
  heard: Heard,
  file: string,
  give: (frame: Int16Array) => void,
  ppm = 0,
): () => void {
  const recorder = new Recorder(file);
  return everyFrame((n) => {
    const frame = frameOf(heard, n);
    recorder.add(frame);
    give(frame.slice());
  }, ppm);
}

/** A loudspeaker that plays what is queued, or silence, and writes down what the air gets. */
export class Loudspeaker {
  readonly #frames: Int16Array[] = [];
  readonly #stop: () => void;

  constructor(file: string, ppm = 0) {
    const recorder = new Recorder(file);
    this.#stop = everyFrame(() => {
      recorder.add(this.#frames.shift() ?? new Int16Array(frameSamples));
    }, ppm);
  }

  play(frame: Int16Array): void {
    if (this.#frames.length >= 6) this.#frames.splice(0, 4);
    this.#frames.push(frame);
  }

  close(): void {
    this.#stop();
  }
}
