// Many at once on the console: twelve alarms beneath one another, a drill that nobody mistakes for an alarm,
// five hundred terminals of which only those on the screen are drawn, two desks that agree. The broker is a
// real one, the terminals are scripted.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cityTerminal } from '#test/support/city.ts';
import { until } from '#test/support/wait.ts';
import { Chromium } from './support/chromium.ts';
import { sitDown, soundEar } from './support/console-room.ts';
import { DeskRig } from './support/desk-rig.ts';

const built = join(import.meta.dirname, '../../.build/console');
const limitMs = 60_000;
let rig: DeskRig;
const browsers: Chromium[] = [];

async function desk(user: string): Promise<Page> {
  const browser = await Chromium.open({});
  browsers.push(browser);
  await browser.page.setViewportSize({ width: 1280, height: 720 });
  await sitDown(browser.page, rig.url, user);
  return browser.page;
}

/** A desk whose page nobody has touched, logged in by what its tab remembers: it says that it is silent,
 * across the whole page, until the first key. */
async function untouchedDesk(user: string): Promise<Page> {
  const browser = await Chromium.open({ sound: 'after-touch' });
  browsers.push(browser);
  const { page } = browser;
  await page.setViewportSize({ width: 1280, height: 720 });
  const login = JSON.stringify({ role: '110-city', user, password: 'none is asked for' });
  const remembered = `sessionStorage.setItem('gate-console/login', ${JSON.stringify(login)})`;
  await page.addInitScript({ content: `${soundEar}; ${remembered}` });
  await page.goto(rig.url);
  // Looked at from without: whatever Playwright asks of a page counts as a touch.
  const looks = await page.context().newCDPSession(page);
  const shows = async (selector: string) => {
    const expression = `document.querySelector('${selector}') !== null`;
    const { result } = await looks.send('Runtime.evaluate', { expression });
    return result.value === true;
  };
  await holds('the line', () => shows('.line.is-up'));
  await holds('that it is silent', () => shows('.banner-act'));
  await page.keyboard.press('n');
  await holds('sound', () => shows('.sound-running'));
  expect(await shows('.banner-act')).toBe(false);
  return page;
}

const holds = (what: string, is: () => Promise<boolean>) => until(is, { withinMs: limitMs, what });
const count = (page: Page, selector: string) => page.locator(selector).count();

beforeAll(async () => {
  rig = await DeskRig.open({ map: { tiles: '/tiles/{z}/{x}/{y}.png' } });
  await rig.city.born(500, (n) => n % 50 === 0);
}, 400_000);
afterAll(async () => {
  for (const browser of browsers) await browser.close();
  await rig.close();
}, 60_000);

test('five hundred terminals: counted, searched, and drawn only where they are seen', async () => {
  const page = await desk('wang');
  const all = page.locator('.chip').first();
  await holds('all of them', async () => (await all.textContent())?.includes('500') === true);
  expect(await count(page, '.roll-row')).toBeLessThan(60);
  await page.keyboard.press('/');
  await page.keyboard.type('第77小学');
  await holds('one found', async () => (await count(page, '.roll-row')) === 1);
  await page.keyboard.press('Escape');
  await rig.city.gone(cityTerminal(3));
  await page.locator('.silence').waitFor({ timeout: limitMs });
});

test('the map is drawn of tiles; the page asks nobody whom its configuration does not name', async () => {
  const page = browsers[0]?.page;
  if (!page) throw new Error('no desk');
  const corner = `[...document.querySelector('.map canvas').getContext('2d')
    .getImageData(3, 3, 1, 1).data].join()`;
  await holds('a tile', async () => (await page.evaluate(corner)) === '255,0,0,255');
  expect(rig.tiles.size).toBeGreaterThan(1);
  const asks = (url: string) =>
    page.evaluate(`new Promise((told) => {
      addEventListener('securitypolicyviolation', (one) => told(one.effectiveDirective), { once: true });
      fetch(${JSON.stringify(url)}).then(() => told('answered'), () => setTimeout(told, 500, 'no answer'));
    })`);
  expect(await asks('https://elsewhere.example/')).toBe('connect-src');
  expect(await asks('/ice')).toBe('answered');
});

test('twelve alarms: none hidden, the worst first, all seen, and two desks agree', async () => {
  const [one, other] = [browsers[0]?.page, await untouchedDesk('li')];
  if (!one) throw new Error('no desk');
  const kinds = ['test', 'medical', 'fire', 'emergency'] as const;
  for (let n = 0; n < 12; n++)
    await rig.city.press(cityTerminal(20 + n), { kind: kinds[n % 4] ?? 'emergency' });
  const first = await one.locator('#cases li.is-in-hand').getAttribute('data-case');
  expect(first).toBe('case-1');
  for (const page of [one, other]) {
    await holds('all twelve', async () => (await count(page, '#cases li')) === 12);
    expect(await page.locator('#cases li').first().getAttribute('class')).toContain(
      'card-emergency',
    );
  }
  await holds('all are seen', async () => (await count(one, '#cases li[data-step=seen]')) === 12);
  const boxes = await Promise.all(
    (await one.locator('#cases li').all()).map((card) => card.boundingBox()),
  );
  for (const [n, box] of boxes.entries()) {
    const above = boxes[n - 1];
    if (above && box) expect(box.y).toBeGreaterThanOrEqual(above.y + above.height - 1);
    if (box) expect(box.y + box.height).toBeLessThanOrEqual(720);
  }
  await holds('the sound', async () => (await other.evaluate<number>('deskLoudest')) > 0.1);
  await other.keyboard.press('t');
  await one.locator('#cases li[data-step=taken]').waitFor({ timeout: limitMs });
  expect(await one.locator('#cases li[data-step=taken]').textContent()).toContain('li');
});

test('a drill is a drill from across the room, makes no alarm, and one key makes it real', async () => {
  const page = browsers[0]?.page;
  if (!page) throw new Error('no desk');
  const id = await rig.city.press(cityTerminal(40), { mark: 'drill' });
  const card = page.locator(`#cases li[data-case=${id}]`);
  await card.locator('.mark').waitFor({ timeout: limitMs });
  expect(await page.locator('#cases li').last().getAttribute('data-case')).toBe(id);
  await card.locator('button').press('Enter');
  await page.locator('.mark-banner').waitFor();
  expect(await page.locator('.case-head').getAttribute('class')).toContain('head-marked');
  await page.keyboard.press('x');
  await page.locator('.mark-banner').waitFor({ state: 'detached', timeout: limitMs });
  expect(await page.locator('.case-head').getAttribute('class')).toContain('head-emergency');
});

test('all are resolved by keyboard, and stand in the past', async () => {
  const page = browsers[0]?.page;
  if (!page) throw new Error('no desk');
  for (let left = 12; left >= 0; left--) {
    await page.keyboard.press('r');
    await page.keyboard.press('1');
    await holds(`${left} left`, async () => (await count(page, '#cases li')) === left);
  }
  await page.getByRole('button', { name: '历史警情' }).press('Enter');
  await holds('thirteen of the past', async () => (await count(page, '.roll-past')) === 13);
  const isAsked = (text: string) => /elsewhere\.example/.test(text);
  for (const { errors } of browsers) expect(errors.filter((one) => !isAsked(one))).toEqual([]);
});

test('the bundle: 350 kB at most, nothing inline', () => {
  const files = readdirSync(built, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(js|css|html)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  const bytes = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
  console.log(`console: ${Math.round(bytes / 1000)} kB gzip`);
  expect(bytes).toBeLessThanOrEqual(350_000);
  const html = readFileSync(join(built, 'index.html'), 'utf8');
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/<script(?![^>]*src=)|<style|style=|\son[a-z]+="/);
});
