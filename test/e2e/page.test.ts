// The rehearsal room on its page, in a real browser, by keyboard alone: a guard presses, a dispatcher sees,
// takes and resolves. What happened is looked at in the room: the lamp, the dome, the platform.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimBroker } from '#agent/sim/broker.ts';
import { LampReader } from '#agent/sim/lamp-reader.ts';
import { Page } from '#agent/sim/page/server.ts';
import { Room } from '#agent/sim/room.ts';
import { until } from '#test/support/wait.ts';
import { Chromium } from './support/chromium.ts';
import { button, launcher } from './support/house.ts';

let dir: string;
let room: Room;
let page: Page;
let browser: Chromium;
const reader = new LampReader();
const wait = { withinMs: 20_000 };

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-page-'));
  const broker = new SimBroker({});
  await broker.start();
  room = await Room.open({ dir, command: [launcher], inputs: [button(1), button(2)], broker });
  page = new Page(room, { broker: (stream) => broker.accept(stream) });
  await page.open();
  room.daemon.start();
  await lampSays('ready');
  browser = await Chromium.open({});
  await browser.page.goto(page.url);
});

afterAll(async () => {
  await browser.close();
  await page.close();
  await room.close();
  await rm(dir, { recursive: true, force: true });
});

const word = () => reader.read(room.box.lamp).word;
const lampSays = (what: string) =>
  until(() => word() === what, { ...wait, what: `lamp says ${what}` });
const press = (key: string) => browser.page.keyboard.press(key);
const inHand = () => browser.page.locator('#incidents li').first();

test('press, lamp, seen, taken, resolved; the page shows what the room does', async () => {
  const { page: tab } = browser;
  await tab.locator('#lamp[data-word=ready]').waitFor();
  await press('1');
  await until(() => room.dome.actuators.strobe, { ...wait, what: 'the strobe' });
  await tab.locator('#dome.strobe').waitFor();
  await tab.locator('#incidents li[data-step=seen]').waitFor();
  await lampSays('seen');
  await tab.locator('#lamp[data-word=seen]').waitFor();
  await press('t');
  await lampSays('taken');
  await press('r');
  await until(() => !room.dome.actuators.strobe, { ...wait, what: 'the strobe off' });
  await tab.locator('#lamp[data-word=resolved]').waitFor();
  await inHand().waitFor({ state: 'detached' });
  const kinds = [...room.platform.alarms.values()].map(({ kind }) => kind);
  expect(kinds).toEqual(['alarm.raised', 'incident.resolved']);
  expect(room.platform.violations).toEqual([]);
});

test('two alarms: both are there, the older in hand', async () => {
  await press('1');
  await inHand().waitFor();
  await press('2');
  const rows = browser.page.locator('#incidents li');
  await rows.nth(1).waitFor();
  expect(await rows.nth(0).locator('button').getAttribute('aria-pressed')).toBe('true');
  for (const left of [1, 0]) {
    await press('r');
    await until(async () => (await rows.count()) === left, { ...wait, what: `${left} left` });
  }
});

test('the broker is killed and comes back: the page says so and goes on', async () => {
  const says = browser.page.locator('#line');
  await room.broker.stop();
  await until(async () => (await says.textContent())?.startsWith('no line'), {
    ...{ ...wait, what: 'the loss on the page' },
  });
  await room.broker.start();
  await until(async () => (await says.textContent()) === 'connected', {
    ...{ ...wait, what: 'the line on the page' },
  });
  await press('1');
  await inHand().waitFor();
  await press('r');
  await inHand().waitFor({ state: 'detached' });
});

test('both languages, and no page of another origin', async () => {
  const { page: tab } = browser;
  await tab.getByRole('button', { name: '中文' }).click();
  expect(await tab.locator('h1').textContent()).toBe('演练室');
  await tab.reload();
  await until(async () => (await tab.locator('#line').textContent()) === '已连接', {
    ...{ ...wait, what: 'the line after a reload' },
  });
  const foreign = { method: 'POST', headers: { origin: 'http://elsewhere.example' } };
  expect((await fetch(new URL('press?button=1', page.url), foreign)).status).toBe(403);
  expect(browser.errors.filter((text) => !text.includes('WebSocket'))).toEqual([]);
});
