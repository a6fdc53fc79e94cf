// The dispatcher's console in the rehearsal room, in a real browser, by keyboard alone: an alarm comes up
// with sound and a running picture, is answered with one key, the dome is turned, the case resolved. What
// happened is looked at in the room: the guard's lamp, the dome, the platform.

import axe from 'axe-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminalId } from '#agent/sim/room.ts';
import { ConsoleRoom } from './support/console-room.ts';
import { MidTalk } from './support/mid-talk.ts';
import { dispatcherWav } from './support/voices.ts';

const desk = new ConsoleRoom({
  media: { sound: 'simulated', clips: {} },
  microphone: dispatcherWav,
  // Renewed every 12 s, in mid-call, too.
  tokenS: 20,
});
/** Logins at the broker that came after the first of a page. */
let renewals = 0;
beforeAll(async () => {
  await desk.open();
  desk.tab.on('websocket', (line) =>
    line.on('framesent', ({ payload }) => {
      if (/web-[0-9a-f-]{36}\.\d+/.test(String(payload))) renewals++;
    }),
  );
}, 400_000);
afterAll(() => desk.close(), 120_000);

const frames = () =>
  desk.tab.evaluate<number>(
    'document.querySelector("#picture")?.getVideoPlaybackQuality().totalVideoFrames ?? 0',
  );

/** The calls that the terminal tells of. */
const callers = (): string[] => {
  const state = desk.on.room.platform.states.get(terminalId);
  return state?.online ? state.callers.map(({ session }) => session) : [];
};
let called: string[] = [];

/** What axe finds on the page as it is, in the lights that it is shown in. */
async function findings(): Promise<string[]> {
  await desk.tab.evaluate(axe.source);
  const { violations } = await desk.tab.evaluate<{
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  }>('axe.run()');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}

test('nothing is open: the line is up, the terminal listed, sound can be made', async () => {
  await desk.shows('.sound-running');
  await desk.shows('.roll-row.roll-ready');
  expect(await desk.tab.evaluate('document.documentElement.lang')).toBe('zh-CN');
  expect(await findings()).toEqual([]);
});

test('a drill window is opened and closed by keyboard, and nobody can mistake it', async () => {
  const marked = () => {
    const state = desk.on.room.platform.states.get(terminalId);
    return state?.online ? (state.window?.mark ?? null) : undefined;
  };
  await desk.tab.locator('button.roll-row').first().press('Enter');
  await desk.shows('.terminal-place');
  await desk.tab.keyboard.press('d');
  await desk.shows('.window-form');
  expect(await findings()).toEqual([]);
  await desk.tab.keyboard.press('Tab');
  await desk.tab.keyboard.press('ControlOrMeta+a');
  await desk.tab.keyboard.type('5');
  await desk.tab.keyboard.press('Enter');
  await desk.shows('.banner-window');
  expect(await desk.tab.locator('.banner-window').textContent()).toMatch(/演练.*剩余 0[45]:\d\d/);
  await desk.until('the platform to know', () => marked() === 'drill');
  expect(await findings()).toEqual([]);
  await desk.tab.keyboard.press('d');
  await desk.gone('.banner-window');
  await desk.until('the platform to know', () => marked() === null);
});

test('an alarm comes up with sound and with a picture that runs, and is seen', async () => {
  expect(await desk.loudest()).toBeLessThan(0.01);
  await desk.press(1);
  await desk.shows('#cases li[data-case]');
  await desk.until('the sound of it', async () => (await desk.loudest()) > 0.1);
  await desk.shows('.case-head.head-emergency');
  const first = await frames();
  await desk.until('frames of the picture', async () => (await frames()) > first + 10);
  await desk.on.sees('the scene at the gate');
  await desk.shows('#cases li[data-step=seen]');
  await desk.on.lampSays('seen');
});

test('one key answers: taken, and talking', async () => {
  await desk.tab.keyboard.press('a');
  await desk.shows('#talk-says[data-state=connected]');
  await desk.shows('.microphone[data-open=true]');
  await desk.on.lampSays('talking');
  await desk.shows('#floor-says[data-state=mine]');
  // Held to talk: silent but while the key is down.
  await desk.tab.keyboard.press('m');
  await desk.shows('.microphone[data-open=false]');
  // Whatever has the focus: the key talks, and presses nothing else.
  await desk.tab.locator('.talk-acts button[data-key=E]').focus();
  await desk.tab.keyboard.down(' ');
  await desk.shows('.microphone[data-open=true]');
  await desk.tab.keyboard.up(' ');
  await desk.shows('.microphone[data-open=false]');
  await desk.tab.keyboard.press('m');
  await desk.shows('#talk-says[data-state=connected]');
  await desk.until('one caller', () => callers().length === 1);
  called = callers();
});

test('the stick by keys and by dragging on the picture; who has it is shown', async () => {
  const { dome } = desk.on.room;
  const from = dome.motion.position.pan;
  await desk.tab.keyboard.down('ArrowRight');
  await desk.until('the dome to turn', () => dome.motion.position.pan > from + 0.01);
  await desk.tab.keyboard.up('ArrowRight');
  await desk.shows('#stick-says[data-state=mine]');
  const box = await desk.tab.locator('.screen').boundingBox();
  if (!box) throw new Error('no picture on the page');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await desk.tab.mouse.move(x, y);
  await desk.tab.mouse.down();
  const there = dome.motion.position.pan;
  await desk.tab.mouse.move(x - box.width / 3, y, { steps: 3 });
  await desk.until('the dome to turn back', () => dome.motion.position.pan < there - 0.01);
  await desk.tab.mouse.up();
  await desk.tab.keyboard.press('g');
  await desk.shows('#stick-says[data-state=free]');
});

test('strobe off and on; a snapshot and the whole case are fetched and proved', async () => {
  const { actuators } = desk.on.room.dome;
  await desk.tab.keyboard.press('l');
  await desk.until('the strobe off', () => !actuators.strobe);
  await desk.tab.getByRole('button', { name: '开警示灯' }).waitFor();
  await desk.tab.keyboard.press('l');
  await desk.until('the strobe on', () => actuators.strobe);
  await desk.tab.locator('.evidence li button').first().press('Enter');
  await desk.shows('#shown[data-verified=true] img');
  await desk.tab.locator('#shown button').press('Enter');
  await desk.tab.locator('.take-away input').fill('移交分局');
  await desk.tab.locator('.take-away input').press('Enter');
  await desk.shows('#shown[data-verified=true] a[download$=".zip"]');
  await desk.tab.locator('#shown button').press('Enter');
});

test('a second alarm does not cover the one in hand; both themes and languages pass axe', async () => {
  const inHand = await desk.tab.locator('#cases li.is-in-hand').getAttribute('data-case');
  await desk.press(2);
  await desk.tab.locator('#cases li').nth(1).waitFor();
  expect(await desk.tab.locator('#cases li.is-in-hand').getAttribute('data-case')).toBe(inHand);
  for (const colorScheme of ['dark', 'light'] as const) {
    await desk.tab.emulateMedia({ colorScheme });
    expect(await findings(), colorScheme).toEqual([]);
  }
  await desk.tab.getByRole('button', { name: 'English' }).press('Enter');
  await desk.tab.keyboard.press('r');
  await desk.shows('.resolve');
  expect(await findings(), 'English, with the ends of a case').toEqual([]);
});

test('the call has been held while the login was renewed, and there is one of it', async () => {
  await desk.until('a renewal', () => renewals > 0);
  await desk.shows('#talk-says[data-state=connected]');
  await desk.shows('.line.is-up');
  expect(callers()).toEqual(called);
});

test('the broker goes away in mid-talk: the talk goes on, and nothing is doubled afterwards', async () => {
  const talk = new MidTalk({ page: desk.tab, on: desk.on, hears: 'sound' });
  const { broker } = desk.on.room;
  await talk.away({ stop: () => broker.stop(), start: () => broker.start(), forMs: 0 });
});

test('nothing is lost on a reload, nor with the broker', async () => {
  const inHand = await desk.tab.locator('#cases li.is-in-hand').getAttribute('data-case');
  await desk.tab.reload();
  await desk.shows('.line.is-up');
  await desk.shows(`#cases li.is-in-hand[data-case="${inHand}"]`);
  expect(await desk.tab.locator('h1').textContent()).toBe('School alarm desk');
  await desk.on.room.broker.stop();
  await desk.shows('.banner-danger');
  await desk.on.room.broker.start();
  await desk.shows('.line.is-up');
  await desk.until('both cases, once each', async () => {
    const all = await desk.tab.locator('#cases li').count();
    return all === 2;
  });
});

test('resolved by keyboard alone, with a note; Escape destroys nothing', async () => {
  const { platform } = desk.on.room;
  await desk.tab.keyboard.press('r');
  await desk.tab.locator('.resolve textarea').fill('民警已到场');
  await desk.tab.keyboard.press('Escape');
  await desk.tab.keyboard.press('Escape');
  await desk.gone('.resolve');
  expect(await desk.tab.locator('#cases li').count()).toBe(2);
  await desk.tab.keyboard.press('r');
  expect(await desk.tab.locator('.resolve textarea').inputValue()).toBe('民警已到场');
  await desk.tab.keyboard.press('1');
  await desk.until('one left', async () => (await desk.tab.locator('#cases li').count()) === 1);
  await desk.tab.keyboard.press('r');
  await desk.tab.keyboard.press('2');
  await desk.gone('#cases li');
  await desk.until('the strobe off', () => !desk.on.room.dome.actuators.strobe);
  const ends = [...platform.alarms.values()].flatMap((alarm) =>
    alarm.kind === 'incident.resolved' ? [[alarm.reason, alarm.note, alarm.user]] : [],
  );
  expect(ends).toEqual([
    ['handled', '民警已到场', 'li'],
    ['false-alarm', null, 'li'],
  ]);
  expect(platform.violations).toEqual([]);
});

test('a desk that has forgotten all is told of the past by the terminal', async () => {
  await desk.tab.evaluate(`new Promise((done) => {
    indexedDB.open('gate-console').onsuccess = ({ target: { result } }) => {
      const forgets = result.transaction('cases', 'readwrite');
      forgets.objectStore('cases').clear();
      forgets.oncomplete = done;
    };
  })`);
  await desk.tab.reload();
  await desk.tab.locator('.side .tab').nth(1).press('Enter');
  await desk.until('both', async () => (await desk.tab.locator('.roll-past').count()) === 2);
  await desk.tab.locator('.roll-past').first().press('Enter');
  await desk.shows('.head-ended');
  expect(await desk.tab.locator('.case-title').textContent()).toMatch(
    /Resolved by me: (Handled|False)/,
  );
  // The browser itself complains of the broker's end, and of the first question who sits here.
  const own = desk.on.browser.errors.filter((text) => !/WebSocket|\b401\b/.test(text));
  expect(own).toEqual([]);
});
