// The broker is killed in mid-talk and is away for half a minute: both go on hearing each other, the console
// says that its line is lost, and when the broker is there again, without any memory, nothing is doubled.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { Chromium } from '#test/e2e/support/chromium.ts';
import { sitDown } from '#test/e2e/support/console-room.ts';
import { MidTalk } from '#test/e2e/support/mid-talk.ts';
import { Town } from '#test/e2e/support/town.ts';
import { dispatcherWav } from '#test/e2e/support/voices.ts';
import { until } from '#test/support/wait.ts';

const awayMs = 30_000;
const withinMs = 120_000;
let town: Town;
let browser: Chromium;

beforeAll(async () => {
  town = await Town.open({ rooms: 1, withSound: 1, console: { sound: { remindS: null } } });
  browser = await Chromium.open({ microphone: await dispatcherWav(town.rig.broker.dir) });
  await sitDown(browser.page, town.rig.url, 'wang');
}, 600_000);
afterAll(async () => {
  await browser.close();
  await town.close();
}, 240_000);

test('a broker that is killed for half a minute costs the call nothing', async () => {
  const [room] = town.rooms;
  if (!room) throw new Error('no room');
  const holds = (what: string, is: () => boolean | Promise<boolean>) =>
    until(is, { withinMs, what }).then(() => undefined);
  const stalls = async () => {
    const figures = await room.sound?.figures();
    return figures ? figures.lateBlocks + figures.xruns.speaker + figures.xruns.microphone : 0;
  };
  await room.box.tap(1);
  await browser.page.locator('#cases li[data-step=seen]').waitFor({ timeout: withinMs });
  const talk = new MidTalk({
    ...{ page: browser.page, hears: 'words' },
    on: { room, browser, stalls, until: holds },
  });
  await talk.begin();
  await talk.away({
    stop: () => town.rig.broker.down('SIGKILL'),
    start: () => town.rig.broker.up(),
    forMs: awayMs,
  });
  expect(town.platform.violations).toEqual([]);
}, 600_000);
