// The talk test of provisioning in a gate room of software: heard, muted, a card that is not there.

import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cardsNow, heardWords, judge, namesIn, talkTest } from '#agent/install/sound.ts';
import { type Room, startRoom } from '#agent/sim/sound/room.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';

const prompt = join(import.meta.dirname, '../../config/prompts/zh/talk-test.wav');
let room: Room;
beforeAll(async () => {
  room = await startRoom();
}, 60_000);
afterAll(() => room.close());

const test = (cards: { speaker?: string; microphone?: string } = {}) => {
  const { speaker, microphone, env } = room;
  return talkTest({ speaker, microphone, env, prompt, clock: systemClock(), ...cards });
};

it('a prompt that the microphone hears, and its levels', async () => {
  // A machine that stalls makes holes in the room's sound.
  const sounds = async () => {
    const one = await test();
    return one.outcome === 'heard' ? one : null;
  };
  const heard = await until(sounds, { withinMs: 120_000, what: 'the tone to be heard' });
  expect(heard.levelDb).toBeGreaterThan(-40);
  expect(heardWords(heard)[1]).toContain('麦克风能听到扬声器');
});

it('a microphone without a signal, cards that are not there: each says what to do', async () => {
  await room.mute('microphone', true);
  expect((await test()).outcome).not.toBe('heard');
  expect(judge(new Int16Array(96_000)).outcome).toBe('no-signal');
  await room.mute('microphone', false);
  expect((await test({ microphone: 'nobody' })).outcome).toBe('no-microphone');
  expect((await test({ speaker: 'nobody' })).outcome).toBe('no-speaker');
});

it('lists what can be chosen, what converts first', async () => {
  const listed =
    'null\n    Nothing\nhw:CARD=A\n    A\nsysdefault:CARD=A\n    A\nplughw:CARD=A,DEV=0\n    A\n';
  expect(namesIn(listed)).toEqual(['plughw:CARD=A,DEV=0', 'sysdefault:CARD=A']);
  expect((await cardsNow(room.env)).speakers.length).toBeLessThanOrEqual(20);
});
