// The rehearsal room on its page, in a real browser, by keyboard alone: a guard presses, a dispatcher sees,
// takes and resolves. What happened is looked at in the room: the lamp, the dome, the platform.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { PageRoom } from './support/page-room.ts';

const on = new PageRoom();
beforeAll(() => on.open(), 240_000);
afterAll(() => on.close(), 120_000);

const tab = () => on.browser.page;
const inHand = () => tab().locator('#incidents li').first();

test('press, lamp, seen, taken, resolved; the page shows what the room does', async () => {
  const { dome, platform } = on.room;
  await on.key('1');
  await on.until('the strobe', () => dome.actuators.strobe);
  await tab().locator('#dome.strobe').waitFor();
  await tab().locator('#incidents li[data-step=seen]').waitFor();
  await on.lampSays('seen');
  await tab().locator('#lamp[data-word=seen]').waitFor();
  await on.key('t');
  await on.lampSays('taken');
  await on.key('r');
  await on.until('the strobe off', () => !dome.actuators.strobe);
  await tab().locator('#lamp[data-word=resolved]').waitFor();
  await inHand().waitFor({ state: 'detached' });
  const kinds = [...platform.alarms.values()].map(({ kind }) => kind);
  expect(kinds).toEqual(['alarm.raised', 'incident.resolved']);
  expect(platform.violations).toEqual([]);
});

test('two alarms: both are there, the older in hand', async () => {
  await on.key('1');
  await inHand().waitFor();
  await on.key('2');
  const rows = tab().locator('#incidents li');
  await rows.nth(1).waitFor();
  expect(await rows.nth(0).locator('button').getAttribute('aria-pressed')).toBe('true');
  for (const left of [1, 0]) {
    await on.key('r');
    await on.until(`${left} left`, async () => (await rows.count()) === left);
  }
});

test('a drill by keys: marked on lamp and desk, made real, and told apart beyond mistake', async () => {
  const { dome } = on.room;
  await on.key('e');
  await tab().locator('#lamp i', { hasText: 'drill' }).waitFor();
  await on.key('1');
  await tab()
    .locator('#incidents li[data-mark=drill]', { hasText: /^drill · / })
    .waitFor();
  await on.until('the strobe', () => dome.actuators.strobe);
  expect(dome.actuators.siren).toBe(false);
  await on.key('m');
  await tab()
    .locator('#incidents li[data-mark=real]', { hasText: /^emergency/ })
    .waitFor();
  await on.until('the siren', () => dome.actuators.siren);
  await tab().locator('#lamp i', { hasText: 'drill' }).waitFor({ state: 'detached' });
  await on.key('r');
  await inHand().waitFor({ state: 'detached' });
});

test('the broker is killed and comes back: the page says so and goes on', async () => {
  await on.room.broker.stop();
  await on.until('the loss on the page', async () =>
    (await on.says('#line')).startsWith('no line'),
  );
  await on.room.broker.start();
  await on.until('the line on the page', async () => (await on.says('#line')) === 'connected');
  await on.key('1');
  await inHand().waitFor();
  await on.key('r');
  await inHand().waitFor({ state: 'detached' });
});

test('both languages, and no page of another origin', async () => {
  await tab().getByRole('button', { name: '中文' }).click();
  expect(await tab().locator('h1').textContent()).toBe('演练室');
  await tab().reload();
  await on.until('the line after a reload', async () => (await on.says('#line')) === '已连接');
  const foreign = { method: 'POST', headers: { origin: 'http://elsewhere.example' } };
  expect((await fetch(new URL('press?button=1', on.page.url), foreign)).status).toBe(403);
  // The broker's end is the only thing that the browser itself complains of.
  expect(on.browser.errors.filter((text) => !text.includes('WebSocket'))).toEqual([]);
});
