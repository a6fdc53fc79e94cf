// Notes with soft edges: before a call that nobody has asked for, and for those who get or lose the floor.

import type { SoundFrame } from '../../ports.ts';
import { frameRate } from '../frames.ts';
import { frameSamples } from '../sound/frame.ts';

export interface Notes {
  readonly hz: readonly number[];
  /** Of each note. */
  readonly frames: number;
  readonly amplitude: number;
}

const edgeSamples = 960;

export const notes = ({ hz, frames, amplitude }: Notes): SoundFrame[] =>
  hz.flatMap((one) =>
    Array.from({ length: frames }, (_, n) =>
      Int16Array.from({ length: frameSamples }, (_, i) => {
        const at = n * frameSamples + i;
        const edge = Math.min(1, at / edgeSamples, (frames * frameSamples - at) / edgeSamples);
        return amplitude * edge * Math.sin((2 * Math.PI * one * at) / frameRate);
      }),
    ),
  );

/** The floor has come or gone: 160 ms, 27 dB under full scale, and 13 under a voice. Dispatchers alone hear
 * it, mixed to the gate room and never in its place; in the room it would cover the guard's voice. */
const cue = { frames: 8, amplitude: 2_000 } as const;
export const cues = {
  got: notes({ ...cue, hz: [620, 830] }),
  lost: notes({ ...cue, hz: [830, 620] }),
} as const;
