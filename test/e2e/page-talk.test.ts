// A call over the page with real speech (support/voices.ts): one click, and both hear each other; muted at
// either end, and nothing of it comes.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { PageRoom } from './support/page-room.ts';
import { dispatcherWav, found, type Heard, notFound, Voices } from './support/voices.ts';

/** One way, and never more (ITU-T G.114). */
const lateMsMax = 400;

let on: PageRoom;
let voices: Voices;
beforeAll(async () => {
  on = await PageRoom.open({ media: { sound: 'simulated' }, microphone: dispatcherWav });
  voices = new Voices(on);
  await on.key('1');
  await on.browser.page.locator('#incidents li').first().waitFor();
  // The picture has a test of its own (page-live.test.ts), and takes what this one measures.
  await on.key('v');
}, 60_000);
afterAll(() => on.close());

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

test('one click, and both hear each other', async () => {
  await on.key('a');
  await on.until('the call', async () => (await on.state('#talk-says')) === 'connected');
  await on.lampSays('talking');
  const there = await comes('dispatcher');
  await on.key('m');
  const back = await comes('guard');
  console.log(
    `to the gate room ${Math.round(there.lateMs)} ms, back ${Math.round(back.lateMs)} ms`,
  );
});

test('muted, and nothing of it comes: neither way', async () => {
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
