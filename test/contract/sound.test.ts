// The fake and the real sounds keep the same contract; the real ones between virtual cards, in a room.

import { CancelledSound } from '#agent/media/sound/cancelled.ts';
import { DuckedSound } from '#agent/media/sound/ducked.ts';
import type { Clock, Sound } from '#agent/ports.ts';
import { systemClock } from '#agent/system/clock.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { FakeSound } from '#test/fakes/sound.ts';
import { devicesOf, startRoom } from '#test/sound/room.ts';
import { framesOf, joined } from '#test/sound/signal.ts';
import { until } from '#test/support/wait.ts';
import { type SoundRig, soundSuite } from './sound.suite.ts';

soundSuite('fake', async () => {
  const clock = new VirtualClock();
  const sound = new FakeSound(clock);
  return {
    sound,
    clock,
    until: async (condition, what) => {
      for (let n = 0; !condition(); n++) {
        if (n > 1_000) throw new Error(`waited 10 s for ${what}`);
        await clock.pass(10);
      }
    },
    say: async (samples) => {
      sound.near = framesOf(samples);
    },
    record: async () => {
      const from = sound.air.length;
      return async () => joined(sound.air.slice(from));
    },
    close: () => sound.close(),
  };
});

type Make = (
  options: ReturnType<typeof devicesOf> & { readonly clock: Clock; readonly gaveUp: () => void },
) => Sound;

const inRoom = (make: Make) => async (): Promise<SoundRig> => {
  const room = await startRoom();
  const clock = systemClock();
  const gaveUp = () => {
    throw new Error('the canceller has been given up');
  };
  const sound = make({ ...devicesOf(room), clock, gaveUp });
  return {
    sound,
    clock,
    until: async (condition, what) => {
      await until(condition, { withinMs: 15_000, what });
    },
    say: async (samples) => void (await room.say(samples)),
    record: async () => {
      const stop = await room.record();
      return async () => (await stop()).air.samples;
    },
    close: async () => {
      await sound.close();
      await room.close();
    },
  };
};

soundSuite(
  'echo cancelled',
  inRoom((options) => new CancelledSound(options)),
);
soundSuite(
  'half-duplex',
  inRoom((options) => new DuckedSound(options)),
);
