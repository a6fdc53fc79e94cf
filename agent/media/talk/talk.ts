// Puts the talk process together: what it is told goes to the desk, what the desk has to say to the daemon.

import type { Clock } from '../../ports.ts';
import { joinParent, type Parent } from '../../system/place/child.ts';
import { type MediaSaid, talkWanted } from '../wire.ts';
import { Desk } from './desk.ts';
import { Pictures } from './pictures.ts';
import { Prompter, type PrompterOptions } from './prompter.ts';
import { TalkRecord } from './record.ts';
import { RoomSound, type RoomSoundOptions } from './room-sound.ts';
import { loadWrtc } from './wrtc.ts';

export interface TalkOptions extends Pick<RoomSoundOptions, 'room' | 'dome'> {
  readonly clock: Clock;
  readonly readPrompt: PrompterOptions['read'];
}

/** Joins this process to its daemon, ready for calls. It ends by process.exit. */
export async function startTalk({ clock, readPrompt, room, dome }: TalkOptions): Promise<void> {
  const wrtc = await loadWrtc();
  let parent: Parent<MediaSaid> | null = null;
  const say = (message: MediaSaid): void => {
    parent?.say(message);
  };
  const desk = new Desk({
    ...{ wrtc, clock, say },
    sound: new RoomSound({ room, dome, say }),
    prompter: new Prompter({
      read: readPrompt,
      trouble: (detail) => say({ t: 'fault', fault: 'talk.prompts', detail }),
      said: (id) => say({ t: 'prompted', id }),
    }),
    pictures: new Pictures(clock, say),
    record: new TalkRecord({ clock, say }),
  });
  parent = joinParent({
    told: talkWanted,
    clock,
    hear: (wanted) => desk.want(wanted),
    stop: () => desk.close(),
  });
}
