// Eight terminals, twelve alarms within ten seconds, three dispatchers in three browsers: everybody sees and
// hears all of it, nothing is hidden, floor and stick are handed over, all is resolved, and all goes dark.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Chromium } from '#test/e2e/support/chromium.ts';
import { sitDown } from '#test/e2e/support/console-room.ts';
import { Town } from '#test/e2e/support/town.ts';
import { until } from '#test/support/wait.ts';

const users = ['wang', 'li', 'zhao'] as const;
const alarms = 12;
const withinMs = 120_000;
let town: Town;
const browsers: Chromium[] = [];
const pages = () => browsers.map(({ page }) => page);

beforeAll(async () => {
  const sound = { remindS: null };
  town = await Town.open({ rooms: 8, withSound: 1, console: { picturesMax: 2, sound } });
  for (const user of users) {
    const browser = await Chromium.open({});
    browsers.push(browser);
    if (user === 'zhao') await lowerRank(browser.page);
    await browser.page.setViewportSize({ width: 1280, height: 720 });
    await sitDown(browser.page, town.rig.url, user);
  }
}, 600_000);
afterAll(async () => {
  for (const browser of browsers) await browser.close();
  await town.close();
}, 240_000);

/** This desk is one of a district: below the city's at floor and stick. */
const lowerRank = (page: Page) =>
  page.route('**/console.json', async (route) => {
    const city = await (await route.fetch()).json();
    await route.fulfill({ json: { ...city, login: { how: 'password', role: '110-district' } } });
  });

const holds = (what: string, is: () => boolean | Promise<boolean>) => until(is, { withinMs, what });
const shows = (page: Page, selector: string) =>
  page.locator(selector).first().waitFor({ timeout: withinMs });
const cards = (page: Page) => page.locator('#cases li');

/** Takes the case of a school in hand. */
async function choose(page: Page, school: string): Promise<void> {
  await cards(page).filter({ hasText: school }).first().locator('button').press('Enter');
  await page.locator('.case-title', { hasText: school }).waitFor({ timeout: withinMs });
}

test('twelve alarms within ten seconds: three desks hear and show all of them', async () => {
  const beganMs = performance.now();
  // The first buttons of all rooms at once, then the second ones of some.
  await Promise.all(town.rooms.map(({ box }) => box.tap(1)));
  await Promise.all(town.rooms.slice(0, alarms - 8).map(({ box }) => box.tap(2)));
  expect(performance.now() - beganMs).toBeLessThan(10_000);
  for (const [n, page] of pages().entries()) {
    await holds(`all at ${users[n]}`, async () => (await cards(page).count()) === alarms);
    await holds('the sound', async () => (await page.evaluate<number>('deskLoudest')) > 0.1);
    await holds(
      'all seen',
      async () =>
        (await page.locator('#cases li:is([data-step=seen],[data-step=taken])').count()) === alarms,
    );
    const boxes = await Promise.all((await cards(page).all()).map((card) => card.boundingBox()));
    for (const [at, box] of boxes.entries()) {
      const above = boxes[at - 1];
      if (above && box) expect(box.y).toBeGreaterThanOrEqual(above.y + above.height - 1);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(720);
    }
  }
  expect(town.platform.violations).toEqual([]);
}, 300_000);

test('the first who answers is shown to all; the floor is asked for and handed over', async () => {
  const [wang, li, zhao] = pages();
  if (!wang || !li || !zhao) throw new Error('three desks');
  for (const page of [wang, li, zhao]) await choose(page, '第1小学');
  await wang.keyboard.press('a');
  await shows(wang, '#talk-says[data-state=connected]');
  await shows(wang, '#floor-says[data-state=mine]');
  for (const page of [li, zhao]) await page.locator('.taker', { hasText: 'wang' }).waitFor();
  await li.keyboard.press('a');
  await shows(li, '#talk-says[data-state=connected]');
  await shows(li, '#floor-says[data-state=taken]');
  await li.keyboard.press('f');
  await shows(wang, '#floor-says .claim');
  await wang.keyboard.press('f');
  await shows(li, '#floor-says[data-state=mine]');
  await shows(wang, '#floor-says[data-state=taken]');
  await zhao.locator('.caller-has', { hasText: 'li' }).waitFor({ timeout: withinMs });
}, 300_000);

test('the stick goes from hand to hand, and everybody sees whose it is', async () => {
  const [wang, li, zhao] = pages();
  if (!wang || !li || !zhao) throw new Error('three desks');
  const dome = () => town.rooms[0]?.dome.motion.position.pan ?? 0;
  const from = dome();
  await wang.keyboard.down('ArrowRight');
  await holds('the dome to turn', () => dome() > from + 0.01);
  await wang.keyboard.up('ArrowRight');
  for (const page of [li, zhao])
    await page.locator('#stick-says[data-state=taken]', { hasText: 'wang' }).waitFor();
  // An equal cannot take it while it is in use; once it is given back anybody can.
  await wang.keyboard.press('g');
  await shows(li, '#stick-says[data-state=free]');
  await li.keyboard.press('g');
  await shows(li, '#stick-says[data-state=mine]');
  await zhao.locator('#stick-says[data-state=taken]', { hasText: 'li' }).waitFor();
}, 300_000);

test('a higher role has floor and stick at once, and the lower one is told by whom', async () => {
  const [wang, li, zhao] = pages();
  if (!wang || !li || !zhao) throw new Error('three desks');
  await zhao.keyboard.press('a');
  await shows(zhao, '#floor-says[data-state=taken]');
  // Left by both of the city, it falls to the district.
  await li.keyboard.press('f');
  await shows(wang, '#floor-says[data-state=mine]');
  await wang.keyboard.press('f');
  await shows(zhao, '#floor-says[data-state=mine]');
  await wang.keyboard.press('f');
  await shows(wang, '#floor-says[data-state=mine]');
  await zhao.locator('#floor-says[data-state=taken]', { hasText: 'wang' }).waitFor();
  await li.keyboard.press('g');
  await shows(zhao, '#stick-says[data-state=free]');
  await zhao.keyboard.press('g');
  await shows(zhao, '#stick-says[data-state=mine]');
  await shows(wang, '#stick-says[data-state=taken]');
  await wang.keyboard.press('g');
  await shows(wang, '#stick-says[data-state=mine]');
  await zhao.locator('#stick-says[data-state=taken]', { hasText: 'wang' }).waitFor();
  // The equal one does not take it from him; the lower one neither.
  await zhao.keyboard.press('g');
  await shows(zhao, '.note-refused');
  await shows(wang, '#stick-says[data-state=mine]');
}, 300_000);

test('all are resolved from three desks by keyboard, once each; all goes dark', async () => {
  for (let left = alarms - 1; left >= 0; left--) {
    const page = pages()[left % users.length];
    if (!page) throw new Error('three desks');
    await cards(page).first().locator('button').press('Enter');
    await page.keyboard.press('r');
    await page.keyboard.press('1');
    for (const one of pages())
      await holds(`${left} left`, async () => (await cards(one).count()) === left);
  }
  await holds('all domes dark', () =>
    town.rooms.every(({ dome }) => !dome.actuators.strobe && !dome.actuators.siren),
  );
  const ends = [...town.platform.alarms.values()].filter(
    ({ kind }) => kind === 'incident.resolved',
  );
  const raised = [...town.platform.alarms.values()].filter(({ kind }) => kind === 'alarm.raised');
  expect([raised.length, ends.length]).toEqual([alarms, alarms]);
  expect(town.platform.violations).toEqual([]);
  for (const { errors } of browsers) expect(errors).toEqual([]);
}, 300_000);
