// A call over the page with the wrong devices: unplugged, exchanged, missing, forbidden, or with somebody
// else's voice. What should be heard is not found; why, is told on the page; put right, it comes again.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { terminalId } from '#agent/sim/room.ts';
import type { RoomDevice } from '#agent/sim/sound/room.ts';
import { Chromium } from './support/chromium.ts';
import { PageRoom } from './support/page-room.ts';
import { dispatcher, dispatcherWav, found, notFound, otherWav, Voices } from './support/voices.ts';

const timeout = 240_000;
type Voice = 'dispatcher' | 'guard';

const on = new PageRoom({
  media: { sound: 'simulated', warm: false },
  microphone: dispatcherWav,
});
const voices = new Voices(on);
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  await on.open();
  await on.press();
  await on.key('v');
  await on.call();
}, 240_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => on.close(), 120_000);

async function comes(who: Voice, through = voices): Promise<void> {
  const heard = await through.fairly(who, ({ likeness }) => likeness > found);
  expect(heard.likeness).toBeGreaterThan(found);
}

async function comesNot(who: Voice): Promise<void> {
  expect((await voices[who]()).likeness).toBeLessThan(notFound);
}

const saysOf = (device: RoomDevice) =>
  on.until(`the ${device}'s fault on the page`, async () =>
    (await on.says('#faults')).includes(`sound.${device}: `),
  );
const saysNothing = () =>
  on.until('no fault on the page', async () => !(await on.says('#faults')).includes('sound.'));

test.each([
  ['speaker', 'dispatcher'],
  ['microphone', 'guard'],
] as const)('%s unplugged in mid-call: the %s is not heard', { timeout }, async (device, who) => {
  if (who === 'guard') await on.key('m');
  await comes(who);
  voices.room.gone(device, true);
  await saysOf(device);
  expect((await on.room.status())?.faults.map(({ fault }) => fault)).toContain(`sound.${device}`);
  await comesNot(who);
  voices.room.gone(device, false);
  await saysNothing();
  await comes(who);
  if (who === 'guard') await on.key('m');
});

test("somebody else's voice at either microphone is not taken for it", { timeout }, async () => {
  expect((await voices.guard(dispatcher)).likeness).toBeLessThan(notFound);
  await otherWav(on.dir);
  await on.key('e');
  await on.call();
  await comesNot('dispatcher');
  await dispatcherWav(on.dir);
  await on.key('e');
  await on.call();
  await comes('dispatcher');
});

/** As an installer would who had them wrong. */
async function exchange(): Promise<void> {
  // No configuration changes under an open case.
  const [open] =
    (await on.room.status())?.incidents.filter(({ step }) => step !== 'resolved') ?? [];
  if (open) await on.room.platform.desk.resolve(terminalId, open.id);
  await on.room.daemon.end('SIGTERM');
  const file = join(on.dir, 'gate-agent.yaml');
  const config = JSON.parse(await readFile(file, 'utf8'));
  const { speaker, microphone } = config.media.sound;
  Object.assign(config.media.sound, { speaker: microphone, microphone: speaker });
  await writeFile(file, JSON.stringify(config));
  await on.until('its end', async () => (await on.says('#line')) !== 'connected');
  on.room.daemon.start();
  await on.until('the line', async () => (await on.says('#line')) === 'connected');
  await on.press();
  await on.key('v');
  await on.until('the call', async () => {
    const state = await on.state('#talk-says');
    if (state === 'none') await on.key('a');
    return state === 'connected';
  });
}

test('loudspeaker and microphone exchanged: a fault each, and nothing comes', {
  timeout,
}, async () => {
  await exchange();
  await saysOf('speaker');
  await saysOf('microphone');
  await comesNot('dispatcher');
  await comesNot('guard');
  await exchange();
  await saysNothing();
  await comes('dispatcher');
});

/** Another dispatcher, at another screen. */
async function another(devices: 'none' | 'forbidden'): Promise<Chromium> {
  await on.key('e');
  const browser = await Chromium.open({ devices, microphone: await dispatcherWav(on.dir) });
  closing.push(() => browser.close());
  await browser.page.goto(on.page.url);
  await browser.page.locator('#incidents li[data-id]').waitFor();
  await browser.page.keyboard.press('v');
  await browser.page.keyboard.press('a');
  await browser.page.locator('#talk-says[data-state=connected]').waitFor();
  return browser;
}

test.each([
  ['none', 'no microphone: you hear, unheard', '没有麦克风,只能收听'],
  ['forbidden', 'the microphone is forbidden: you hear, unheard', '麦克风被禁用,只能收听'],
] as const)(
  'a browser with %s: told in both languages, and hears',
  { timeout },
  async (devices, en, zh) => {
    const browser = await another(devices);
    const { page } = browser;
    const says = (text: string) => page.locator('#talk-says', { hasText: text }).waitFor();
    await says(en);
    await page.locator('#language').click();
    await says(zh);
    const theirs = new Voices(on, () => browser);
    await comes('guard', theirs);
    if (devices === 'none') return;
    await browser.allowMicrophone();
    await on.until('the microphone', async () => {
      return (await browser.senses.trackOf('microphone')) !== null;
    });
    await comes('dispatcher', theirs);
    expect(await page.locator('#talk-says').textContent()).not.toContain(zh);
  },
);
