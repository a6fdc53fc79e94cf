// The simulated gate room for tests, and what is said in it: the prompts that ship, two voices.

import { join } from 'node:path';
import { readPrompt } from '#agent/media/sound/prompt.ts';
import type { Clock, Sound, SoundFrame } from '#agent/ports.ts';
import type { Room } from '#agent/sim/sound/room.ts';
import { joined } from './signal.ts';

export { type Recorded, type Room, startRoom } from '#agent/sim/sound/room.ts';

const prompts = join(import.meta.dirname, '../../config/prompts');
const spoken = ['sent', 'undelivered', 'taken', 'announce', 'drill'];

/** The file of a prompt, such as `zh/sent`. */
export const promptPath = (name: string): string => join(prompts, `${name}.wav`);

/** Some ten seconds of one of two voices that differ. */
export const voice = (language: 'zh' | 'en'): Int16Array =>
  joined(spoken.flatMap((name) => readPrompt(promptPath(`${language}/${name}`))));

/** What a driver has to be told to find the room. */
export const devicesOf = ({ speaker, microphone, env }: Room) => ({ speaker, microphone, env });

/** Plays frames at the pace of the room. `done` when the last one has been given. Returns what ends it. */
export function playFrames(
  frames: readonly SoundFrame[],
  { sound, clock, done }: { sound: Pick<Sound, 'play'>; clock: Clock; done?: () => void },
): () => void {
  const beganMs = clock.now().monoMs;
  let played = 0;
  let cancel: () => void = () => undefined;
  const tick = (): void => {
    const due = Math.min(frames.length, 2 + Math.floor((clock.now().monoMs - beganMs) / 10));
    for (const frame of frames.slice(played, due)) sound.play(frame);
    played = due;
    if (played === frames.length) done?.();
    else cancel = clock.after(10, tick);
  };
  tick();
  return () => cancel();
}
