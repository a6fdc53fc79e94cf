// The panel's page in a real browser, before a server whose states are set by hand: what the guard sees in
// every light, language and size, what keys and fingers do, and that it never shows an old truth.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lampWord } from '#agent/panel/api.ts';
import { buildPage } from '#test/support/build-page.ts';
import { duressPin, pin } from './support/fake-panel.ts';
import { screens } from './support/panel-tab.ts';
import { Rehearsal } from './support/rehearsal.ts';
import { alarm, callers, faults, gone, idle, linkDown } from './support/views.ts';

/** A JPEG of one pixel. */
const smallest =
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////' +
  '////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=';

const rehearsal = new Rehearsal();
beforeAll(() => rehearsal.open(), 120_000);
afterAll(() => rehearsal.close(), 60_000);
beforeEach(() => rehearsal.rest());

const { fake, tab } = rehearsal;
const now = () => Date.now();

test('light: all files of the page together', () => {
  const folder = buildPage('panel');
  const sizes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => gzipSync(readFileSync(join(parentPath, name))).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(40_000);
});

describe('the word', () => {
  test('is as tall as it must be, whole, and of contrast 7, on every screen in both languages', async () => {
    for (const language of ['zh', 'en'] as const) {
      await tab.speak(language);
      for (const [name, size] of Object.entries(screens)) {
        await tab.page.setViewportSize(size);
        for (const word of lampWord.options) {
          fake.show(alarm(word, now()));
          await tab.shows(`.stage[data-word="${word}"]`);
          const seen = await tab.measure();
          const where = `${word} on ${name} in ${language}: ${JSON.stringify(seen)}`;
          expect(seen.height, where).toBeGreaterThanOrEqual(0.12 * size.height);
          expect(seen.right, where).toBeLessThanOrEqual(size.width);
          expect(seen.top, where).toBeGreaterThanOrEqual(0);
          expect(seen.bottom, where).toBeLessThanOrEqual(size.height);
          expect(seen.contrast, where).toBeGreaterThanOrEqual(7);
          expect(seen.pageWidth, where).toBeLessThanOrEqual(size.width);
        }
      }
    }
  });

  test('stays as tall beside the installer’s part', async () => {
    fake.show(alarm('undelivered', now()));
    await tab.logIn(pin);
    for (const size of Object.values(screens)) {
      await tab.page.setViewportSize(size);
      expect((await tab.measure()).height).toBeGreaterThanOrEqual(0.12 * size.height);
    }
  });

  test('is spoken when it changes, and not otherwise', async () => {
    fake.show(alarm('sent', now()));
    await tab.shows('.stage[data-word=sent]');
    await tab.listen('#spoken');
    fake.show({ faults: faults(now()) });
    fake.show(alarm('received', now()));
    await tab.until('it to be spoken', async () => (await tab.heard()).length > 0);
    const heard = await tab.heard();
    expect(heard.at(-1)).toContain('平台已收到');
    expect(heard.every((said) => said.includes('平台已收到'))).toBe(true);
  });

  test('keeps the rhythm of the lamp on the wall', async () => {
    fake.show(alarm('undelivered', now()));
    await tab.shows('.lamp[data-pattern="R200.-200"]');
    fake.show(linkDown(now()));
    await tab.shows('.stage[data-word=link-down] .lamp[data-pattern^="Y1000"]');
    expect(await tab.text('.word')).toContain('按下按钮后请同时拨打110');
  });
});

describe('the guard, without a touch', () => {
  test('all is well; or what is wrong, since when, and what to do', async () => {
    await tab.shows('.works[data-well=true]');
    fake.show(linkDown(now()));
    await tab.shows('.works[data-well=false]');
    expect(await tab.text('[data-fault="dome.lost"]')).toMatch(/球机没有应答.*检查球机电源和网线/s);
    expect(await tab.text('.since')).toMatch(/自.*起 · 1分(29|3\d)秒/s);
  });

  test('how far the alarm has got, who is on the line, what to do', async () => {
    fake.show({ ...alarm('talking', now()), callers: callers(now()) });
    await tab.shows('.ladder [aria-current=step]');
    expect(await tab.text('.ladder [aria-current=step]')).toContain('正在通话');
    expect(await tab.text('.callers [data-speaks=true]')).toContain('王警官');
    expect(await tab.text('.alarms .is-open')).toContain('紧急报警');
  });

  test('a drill cannot be taken for anything else, and how to make it real is said', async () => {
    const window = { mark: 'drill', by: '110-city li', text: { zh: '演练', en: 'drill' } } as const;
    const times = { sinceWallMs: now(), untilWallMs: now() + 600_000 };
    const lamp = { ...idle(now()).lamp, mark: 'drill' } as const;
    fake.show({ lamp, window: { ...window, ...times } });
    await tab.shows('.band-drill');
    expect(await tab.text('.band-drill')).toMatch(/演练.*不派警.*剩余.*按住按钮3秒/s);
    expect(await tab.text('.stage .mark-tag')).toBe('演练');
    fake.show({ lamp: { ...lamp, mark: 'service' }, window: null });
    await tab.shows('.stage[data-mark=service]');
    expect(await tab.text('.band-service')).toMatch(/检修/);
  });

  test('false alarm: a touch does nothing, holding it tells the dispatcher, and it stays said', async () => {
    fake.show(alarm('received', now()));
    const box = await tab.page.locator('#claim').boundingBox();
    if (!box) throw new Error('no such button');
    await tab.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await tab.page.mouse.down();
    await tab.shows('#claim.is-held');
    await tab.page.mouse.up();
    await tab.shows('#claim .was-short');
    expect(fake.asked).toEqual([]);
    await tab.page.mouse.down();
    await tab.shows('.claimed');
    await tab.page.mouse.up();
    expect(fake.asked).toEqual([{ route: 'falseAlarm', body: {} }]);
    expect(await tab.text('.claimed')).toMatch(/误报\(待确认\).*接警员/s);
    expect(await tab.text('.stage .word')).toContain('平台已收到');
  });
});

describe('nothing old', () => {
  test('a line that is open and silent: told within 5 s, and nothing of before is left', async () => {
    fake.show({ ...alarm('taken', now()), callers: callers(now()) });
    await tab.shows('.stage[data-word=taken]');
    const opened = fake.opened;
    fake.fallSilent();
    await tab.page.clock.fastForward(5_000);
    await tab.shows('.stage[data-word=unknown]');
    expect(await tab.text('.word')).toContain('页面失联');
    expect(await tab.text('main')).not.toMatch(/已接警|王警官|紧急报警/);
    expect(await tab.page.locator('.clock').count()).toBe(0);
    // A line that is half dead never ends by itself: the page asks anew.
    await tab.page.clock.fastForward(5_000);
    await tab.until('another stream', () => fake.opened > opened);
    fake.fallSilent(false);
    await tab.shows('.stage[data-word=taken]');
  });

  test('a server that was gone and comes back with another page: it is fetched', async () => {
    await fake.leave();
    fake.tag = '"two"';
    const anew = tab.page.waitForEvent('load', { timeout: 15_000 });
    await fake.listen();
    await anew;
    await tab.shows('.stage[data-word=ready]');
  });

  test('a daemon that does not answer is told in the server’s words', async () => {
    fake.show(alarm('taken', now()));
    fake.show(gone(now()));
    await tab.shows('.stage[data-word=unknown]');
    expect(await tab.text('.stage')).toMatch(/终端无应答.*110/s);
  });
});

describe('the installer, by keyboard alone', () => {
  test('wrong PIN and pause are told; in; through the tabs; out', async () => {
    const { keyboard } = tab.page;
    await tab.focus('#to-door');
    await keyboard.press('Enter');
    await tab.shows('input[name=pin]:focus');
    await keyboard.type('111111');
    await keyboard.press('Enter');
    // The pause is short: what is said of it is looked for first.
    await tab.shows('.door [role=timer]:text-matches("[0-9] 秒后可再试")');
    expect(await tab.text('.door [role=alert]')).toBe('PIN码错误');
    await tab.shows('.pad [data-pad=enter][aria-disabled=false]');
    await keyboard.type(pin);
    await keyboard.press('Enter');
    await tab.shows('#tab-control[aria-selected=true]');
    await tab.focus('#tab-control');
    for (const name of ['inputs', 'picture', 'tests', 'windows', 'system', 'control']) {
      await keyboard.press('ArrowDown');
      await tab.shows(`#tab-${name}[aria-selected=true]:focus`);
    }
    await tab.focus('#restart');
    await keyboard.down('Enter');
    await tab.shows('.outcome[data-how=done]');
    await keyboard.up('Enter');
    expect(fake.asked.at(-1)).toEqual({ route: 'restart', body: {} });
    await tab.focus('#logout');
    await keyboard.press('Enter');
    await tab.shows('.guard');
    expect(await tab.text('.note')).toBe('已退出维护');
  });

  test('by the pad; what happens to inputs, tests and windows is seen', async () => {
    await tab.page.locator('#to-door').click();
    for (const digit of pin) await tab.page.locator(`[data-pad="${digit}"]`).click();
    await tab.page.locator('[data-pad=enter]').click();
    await tab.page.locator('#tab-inputs').click();
    await tab.shows('[data-input=gate][data-contact=open]');
    fake.showInputs((one) =>
      one.id === 'desk' ? { ...one, contact: 'pressed', sinceWallMs: now() } : one,
    );
    await tab.shows('[data-input=desk][data-contact=pressed][data-fresh=true]');
    await tab.page.locator('#tab-tests').click();
    await tab.page.locator('[data-part=strobe] button').click();
    await tab.shows('[data-part=strobe] .outcome-done');
    fake.testFails = true;
    await tab.page.locator('[data-part=siren] button').click();
    await tab.shows('[data-part=siren] .outcome-wrong');
    expect(await tab.text('[data-part=siren] .outcome')).toContain('球机没有应答');
    await tab.page.locator('#tab-picture').click();
    await tab.shows('.dome .outcome-wrong');
    fake.picture = Buffer.from(smallest, 'base64');
    const drawn = 'document.querySelector(".dome img")?.naturalWidth ?? 0';
    await tab.until('the picture', async () => (await tab.page.evaluate<number>(drawn)) > 0);
    expect(await tab.text('.dome')).toMatch(/拍摄于 .* · \d秒/);
    await tab.page.locator('#tab-windows').click();
    await tab.page.locator('#open-service').click();
    await tab.shows('.band-service');
    await tab.page.locator('#window-close').click();
    await tab.shows('#open-service');
    await tab.page.locator('#tab-system').click();
    await tab.shows('.facts code');
    expect(await tab.page.locator('#support').getAttribute('href')).toBe('/api/support');
  });

  test('after a PIN given under duress the page is as after any other', async () => {
    const seen: string[] = [];
    const since = now();
    for (const typed of [pin, duressPin]) {
      fake.show({ ...idle(since), ...alarm('received', since) });
      await tab.logIn(typed);
      await tab.page.locator('#reset').click();
      await tab.shows('.outcome-done');
      seen.push(await tab.still());
      await tab.page.locator('#logout').click();
      await tab.shows('.guard');
    }
    expect(seen[1]).toBe(seen[0]);
  });
});

describe('axe finds nothing', () => {
  const busy = () => ({
    ...alarm('received', now()),
    ...{ faults: faults(now()), callers: callers(now()) },
    window: {
      ...({ mark: 'drill', by: 'li', text: { zh: '演练', en: 'drill' } } as const),
      ...{ sinceWallMs: now(), untilWallMs: now() + 600_000 },
    },
  });

  test.each([
    ['dark', 'zh'],
    ['light', 'en'],
  ] as const)('for the guard, %s, %s', async (colorScheme, language) => {
    await tab.page.emulateMedia({ colorScheme });
    await tab.speak(language);
    expect(await tab.findings(), 'at rest').toEqual([]);
    fake.show(busy());
    await tab.shows('.ladder');
    expect(await tab.findings(), 'busy').toEqual([]);
    await tab.page.setViewportSize(screens.phone);
    expect(await tab.findings(), 'on a telephone').toEqual([]);
  });

  test('for the installer', async () => {
    await tab.page.locator('#to-door').click();
    expect(await tab.findings(), 'the door').toEqual([]);
    await tab.logIn(pin);
    for (const [at, name] of [
      'control',
      'inputs',
      'picture',
      'tests',
      'windows',
      'system',
    ].entries()) {
      await tab.page.emulateMedia({ colorScheme: at % 2 ? 'dark' : 'light' });
      await tab.page.locator(`#tab-${name}`).click();
      expect(await tab.findings('.work'), name).toEqual([]);
    }
  });
});

test('the browser itself had nothing to say', () => {
  // But that the server was gone for a while, and what it refused.
  const own = tab.errors.filter((text) => !/ERR_|Failed to load resource/.test(text));
  expect(own).toEqual([]);
});
