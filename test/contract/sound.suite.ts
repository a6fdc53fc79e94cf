// What every sound of a gate room keeps to: frames of 10 ms in step with the room, silence where nothing
// is queued, a short queue that drops its oldest, levels, and an end that is one.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clock, Sound, SoundFrame } from '#agent/ports.ts';
import { playFrames } from '#test/sound/room.ts';
import { framesOf, joined, secondsOf, tone } from '#test/sound/signal.ts';

export interface SoundRig {
  readonly sound: Sound;
  readonly clock: Clock;
  /** Lets time pass until the condition holds. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Somebody speaks near the microphone. */
  say(samples: Int16Array): Promise<void>;
  /** Records what comes out of the loudspeaker until the returned function is called. */
  record(): Promise<() => Promise<Int16Array>>;
  close(): Promise<void>;
}

const [low, high] = [440, 1100];

export function soundSuite(name: string, make: () => Promise<SoundRig>): void {
  describe(`sound: ${name}`, () => {
    let rig: SoundRig;
    const captured: SoundFrame[] = [];
    const troubles: string[] = [];
    const open = async () => {
      rig.sound.open({
        captured: (frame) => captured.push(frame),
        trouble: (fault, detail) => troubles.push(`${fault}: ${detail}`),
      });
      const before = captured.length;
      await rig.until(() => captured.length > before + 30, 'the microphone to run');
    };
    const play = async (samples: Int16Array) => {
      let isDone = false;
      const done = () => {
        isDone = true;
      };
      playFrames(framesOf(samples), { sound: rig.sound, clock: rig.clock, done });
      await rig.until(() => isDone, 'all to be played');
    };
    /** So much of what comes out of the loudspeaker from now on. */
    const air = async (frames: number) => {
      const stop = await rig.record();
      const { length } = captured;
      await rig.until(() => captured.length > length + frames, 'time to pass');
      return stop();
    };
    const untilSilent = async () => {
      for (let n = 0; n < 20; n++) if (secondsOf(low, await air(40)) === 0) return;
      throw new Error('the loudspeaker does not fall silent');
    };

    beforeAll(async () => {
      rig = await make();
      await open();
    }, 30_000);
    afterAll(() => rig.close());

    test('the microphone gives frames of 10 ms at the pace of the room', async () => {
      const { length } = captured;
      const beganMs = rig.clock.now().monoMs;
      await rig.until(() => captured.length >= length + 200, 'two seconds of frames');
      expect(rig.clock.now().monoMs - beganMs).toBeGreaterThan(1_800);
      expect(new Set(captured.map((frame) => frame.length))).toEqual(new Set([480]));
    });

    test('what is played comes out of the loudspeaker, and is silent after it', async () => {
      const stop = await rig.record();
      await play(tone(low, 1));
      await rig.until(() => rig.sound.levels().speaker === -Infinity, 'the last frame');
      const all = await stop();
      expect(secondsOf(low, all)).toBeGreaterThan(0.2);
      expect(secondsOf(low, all)).toBeLessThan(1.1);
      await untilSilent();
    });

    test('a heap of frames is cut to its newest', async () => {
      const stop = await rig.record();
      for (const frame of framesOf(tone(low, 1))) rig.sound.play(frame);
      for (const frame of framesOf(tone(high, 0.02))) rig.sound.play(frame);
      await air(50);
      await untilSilent();
      const all = await stop();
      expect(secondsOf(high, all)).toBeGreaterThan(0);
      expect(secondsOf(low, all)).toBeLessThan(0.3);
    });

    test('what is said near the microphone is heard', async () => {
      const from = captured.length;
      await rig.say(tone(high, 2));
      let looked = from;
      let heard = 0;
      await rig.until(() => {
        const fresh = captured.slice(looked);
        looked = captured.length;
        heard += secondsOf(high, joined(fresh));
        return heard > 0.5;
      }, 'half a second of it');
    });

    test('levels follow both ends', async () => {
      const peak = { speaker: -Infinity, microphone: -Infinity };
      const look = () => {
        const { speaker, microphone } = rig.sound.levels();
        peak.speaker = Math.max(peak.speaker, speaker);
        peak.microphone = Math.max(peak.microphone, microphone);
        return false;
      };
      const cancel = rig.clock.after(300, look);
      await play(tone(low, 0.6, -20));
      cancel();
      expect(peak.speaker).toBeGreaterThan(-20.5);
      expect(peak.speaker).toBeLessThan(-19.5);
      await rig.until(() => rig.sound.levels().speaker === -Infinity, 'silence to be seen');
      await rig.say(tone(high, 1, -20));
      await rig.until(() => look() || peak.microphone > -30, 'the voice to be seen');
    });

    test('after its end nothing is heard of it, and it opens again', async () => {
      await rig.sound.close();
      const { length } = captured;
      rig.sound.play(new Int16Array(480));
      let isLater = false;
      rig.clock.after(200, () => {
        isLater = true;
      });
      await rig.until(() => isLater, '200 ms to pass');
      expect(captured.length).toBe(length);
      await open();
      expect(troubles).toEqual([]);
    });
  });
}
