// The talk process: calls with the gate room. Told all that is wanted whenever it changes; holds the sound
// devices and libwebrtc, so that neither can take the daemon with it.

import { systemClock } from '../../system/clock.ts';
import { comeBehind } from '../../system/place/behind.ts';
import { DomeSound } from '../backchannel/dome-sound.ts';
import { readPrompt } from '../sound/prompt.ts';
import { GateRoomSound } from '../sound/sound.ts';
import { startTalk } from './talk.ts';

comeBehind();
const clock = systemClock();
startTalk({
  clock,
  readPrompt,
  room: (sound) => new GateRoomSound({ ...sound, clock }),
  dome: (source) => new DomeSound({ source, clock }),
}).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
