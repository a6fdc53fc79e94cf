// The acoustic loop by the real talk process between two cards with air between them: heard, muted, and
// given up where somebody needs the sound; after each the devices are open again.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { LoopTry } from '#agent/media/loop-try.ts';
import { type Room, startRoom } from '#agent/sim/sound/room.ts';
import { systemClock } from '#agent/system/clock.ts';
import { TalkRig } from '#test/support/media/talk-rig.ts';
import { until } from '#test/support/wait.ts';

let room: Room;
let rig: TalkRig;
let loop: LoopTry;
beforeAll(async () => {
  room = await startRoom();
  rig = await new TalkRig({ gateRoom: room }).open();
  loop = new LoopTry(systemClock(), () => rig.want({ loop: loop.id }));
  rig.heard = (message) => {
    if (message.t === 'looped') loop.heard(message);
  };
});
afterAll(async () => {
  await rig.close();
  await room.close();
});

let tries = 0;
/** The air is simulated in real time: on a busy machine a sound may be late, or be lost. */
const comesOut = (heard: boolean) =>
  until(async () => (await loop.try(`l-${++tries}`)).heard === heard, {
    ...{ withinMs: 60_000, what: heard ? 'the tone' : 'no tone' },
  });

it('hears the loudspeaker, not a muted one, and gives way', async () => {
  await comesOut(true);
  await room.mute('microphone', true);
  await comesOut(false);
  await room.mute('microphone', false);
  const trying = loop.try('l-0');
  rig.want({ say: { id: 'i-1/sent', prompt: 'sent' }, loop: 'l-0' });
  expect(await trying).toMatchObject({ heard: false, detail: expect.stringContaining('given up') });
}, 150_000);
