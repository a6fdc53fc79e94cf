// The live process: joined to the daemon by a pipe, and nothing else. It ends by process.exit() after
// its close (in `joinParent`): a natural end hangs, and the library's own cleanup crashes.

import { systemClock, systemIds } from '../../system/clock.ts';
import { comeBehind } from '../../system/place/behind.ts';
import { joinParent, type Parent } from '../../system/place/child.ts';
import { type LiveWanted, liveWanted, type MediaSaid } from '../wire.ts';
import { Live } from './live.ts';

comeBehind();
const clock = systemClock();
let parent: Parent<MediaSaid> | null = null;
const live = new Live({ clock, chance: systemIds.chance, say: (said) => void parent?.say(said) });

live.open().then(() => {
  parent = joinParent<LiveWanted, MediaSaid>({
    told: liveWanted,
    clock,
    hear: (wanted) => live.want(wanted),
    stop: () => live.close(),
  });
});
