// A call over the page with real speech (support/voices.ts): one click, and both hear each other; muted at
// either end, and nothing of it comes.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { PageRoom } from './support/page-room.ts';
import { dispatcherWav, found, type Heard, notFound, Voices } from './support/voices.ts';

/** One way, and never more (ITU-T G.114). */
const lateMsMax = 400;
const timeout = 240_000;

const on = new PageRoom({
  media: { sound: 'simulated', warm: false },
  microphone: dispatcherWav,
});
const voices = new Voices(on);
beforeAll(async () => {
  await on.open();
  await on.press();
  // The picture has a test of its own (page-live.test.ts), and takes what this one measures.
  await on.key('v');
}, 240_000);
afterAll(() => on.close(), 120_000);

async function comes(who: 'dispatcher' | 'guard'): Promise<Heard> {
  const heard = await voices.fairly(
    who,
    ({ likeness, lateMs }) => likeness > found && lateMs < lateMsMax,
  );
  expect(heard.likeness).toBeGreaterThan(found);
  expect(heard.lateMs).toBeGreaterThan(0);
  expect(heard.lateMs).toBeLessThan(lateMsMax);
  return heard;
}

test('one click, and both hear each other', { timeout }, async () => {
  await on.call();
  await on.lampSays('talking');
  const there = await comes('dispatcher');
  await on.key('m');
  const back = await comes('guard');
  console.log(
    `to the gate room ${Math.round(there.lateMs)} ms, back ${Math.round(back.lateMs)} ms`,
  );
});

test('muted, and nothing of it comes: neither way', { timeout }, async () => {
  expect((await voices.dispatcher()).likeness).toBeLessThan(notFound);
  await voices.room.mute('microphone', true);
  expect((await voices.guard()).likeness).toBeLessThan(notFound);
  await voices.room.mute('microphone', false);
  await comes('guard');
});

test('the call ends with the case', async () => {
  await on.key('r');
  await on.until('the end', async () => (await on.state('#talk-says')) === 'none');
  await on.lampSays('resolved');
  expect(on.browser.errors).toEqual([]);
});
