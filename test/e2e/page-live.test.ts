// The gate's picture on the page, judged by what is in its decoded frames: frame counter, strobe, where the
// dome looks. The stick turns it, and the dome's own motors say so. What is heard at the gate comes with it.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { monotonicMs } from '#agent/sim/dome/actuators.ts';
import { roomClips } from '#agent/sim/room.ts';
import { secondsOf } from '#test/sound/signal.ts';
import { PageRoom } from './support/page-room.ts';

const timeout = 240_000;
const on = new PageRoom({ media: { sound: 'simulated', clips: roomClips } });
beforeAll(() => on.open(), 240_000);
afterAll(() => on.close(), 120_000);

const sees = on.sees.bind(on);
const isOpen = async () => (await on.state('#screen')) === 'connected';
const position = () => on.room.dome.motion.position;

test('a press, and the picture is there: it goes on, and both colours of the strobe are in it', async () => {
  const beganMs = performance.now();
  await on.key('1');
  const first = await sees('the gate', () => true);
  console.log(`press -> first picture read: ${Math.round(performance.now() - beganMs)} ms`);
  await sees('a later frame', ({ frame }) => frame > first.frame + 25);
  await sees('red light', ({ strobe }) => strobe === 'red');
  await sees('blue light', ({ strobe }) => strobe === 'blue');
  await sees('the siren', ({ siren }) => siren);
});

test('and it is kept meanwhile: a clip that grows, and the first snapshots', async () => {
  const dir = join(on.dir, 'data/clips');
  const kept = (end: string) => readdirSync(dir).filter((name) => name.endsWith(end));
  const bytes = () =>
    kept('.mp4.part').reduce((sum, one) => sum + statSync(join(dir, one)).size, 0);
  await on.until('a clip', () => bytes() > 0);
  const before = bytes();
  await on.until('more of it', () => bytes() > before);
  await on.until('two snapshots', () => kept('.jpg').length >= 2);
});

test("the gate's own sound: once asked for, not over an open microphone", { timeout }, async () => {
  const { senses } = on.browser;
  const { microphone } = on.room.dome;
  const isSilent = async () => (await senses.trackOf('gate')) === null;
  const hears = (hz: number) =>
    on.until(`a tone of ${hz} Hz at the gate`, async () => {
      if (await isSilent()) return false;
      const stop = await senses.listen('gate');
      const endMs = performance.now() + 500;
      await on.until('half a second', () => performance.now() > endMs);
      return secondsOf(hz, (await stop()).samples) > 0.2;
    });
  const says = (what: string) =>
    on.until(what, async () => (await on.says('#sound-says')).includes(what));
  expect(await isSilent()).toBe(true);
  await on.key('s');
  await hears(440);
  microphone.tone(620);
  await hears(620);
  await on.call();
  await says('silent while your microphone is open');
  expect(await isSilent()).toBe(true);
  await on.key('m');
  await hears(620);
  await on.key('m');
  await on.until('silence', isSilent);
  await on.key('e');
  await hears(620);
  await on.key('s');
  await on.until('silence', isSilent);
});

test('the stick turns the dome while its key is held, and it stands when it is let go', async () => {
  const { keyboard } = on.browser.page;
  const before = position();
  await keyboard.down('ArrowLeft');
  await on.until('the dome turning', () => position().pan < before.pan - 0.1);
  expect(await on.state('#stick')).toBe('mine');
  const letGoMs = monotonicMs();
  await keyboard.up('ArrowLeft');
  const stands = () => on.room.dome.motion.stillSinceMs !== null;
  await on.until('the dome standing', stands);
  const stoodMs = (on.room.dome.motion.stillSinceMs ?? 0) - letGoMs;
  console.log(`stick let go -> dome stands: ${Math.round(stoodMs)} ms`);
  expect(stoodMs).toBeLessThan(2_000);
  // A page that is held up sees the key let go later: it may have turned on.
  await sees(
    'where the dome looks',
    ({ pan }) => stands() && Math.abs(pan - position().pan) < 0.02,
  );
  const at = position();
  await keyboard.down('+');
  await on.until('the dome closer', () => position().zoom > at.zoom + 0.1);
  await keyboard.up('+');
  await sees('it closer', ({ zoom }) => zoom > at.zoom + 0.1);
});

test('the stream hangs: the page says that the picture stands still, and it goes on by itself', async () => {
  const { faults } = on.room.dome.rtsp;
  const before = await sees('the gate', () => true);
  faults.hanging = true;
  await on.until('the frozen picture told', async () =>
    (await on.says('#live-says')).includes('no new frames'),
  );
  expect(await on.browser.page.locator('#live-says').isVisible()).toBe(true);
  faults.hanging = false;
  await sees('a later frame', ({ frame }) => frame > before.frame + 50);
  await on.until('nothing more to say', () => on.browser.page.locator('#live-says').isHidden());
});

test('resolved: the light is off in the picture, and who sees goes on seeing', async () => {
  await on.key('r');
  await sees('no light', ({ strobe }) => strobe === 'off');
  expect(await isOpen()).toBe(true);
  expect(on.browser.errors).toEqual([]);
});
