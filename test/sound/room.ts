// The simulated gate room for tests, with the sound that ships to fill it.

import { promptNames, promptPath, readPrompt } from '#agent/media/sound/prompt.ts';
import type { Room } from '#agent/sim/sound/room.ts';
import { joined } from './signal.ts';

export { type Recorded, type Room, startRoom } from '#agent/sim/sound/room.ts';

/** Half a minute of two voices that differ: one for the far end, one for the room. */
export const voice = (language: 'zh' | 'en'): Int16Array =>
  joined(
    promptNames
      .filter((name) => name !== 'talk-test')
      .flatMap((name) => readPrompt(promptPath(language, name))),
  );

/** What a driver has to be told to find the room. */
export const devicesOf = (room: Room) => ({
  speaker: room.speaker,
  microphone: room.microphone,
  env: room.env,
});
