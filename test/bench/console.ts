// The dispatcher's console in a real browser: alarm published -> its card on the screen and its sound heard,
// with 500 terminals and 5,000 past cases; the longest task of the page meanwhile; eight pictures at once
// from eight real terminals; how much there is to load.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { Chromium } from '#test/e2e/support/chromium.ts';
import { sitDown } from '#test/e2e/support/console-room.ts';
import { DeskRig } from '#test/e2e/support/desk-rig.ts';
import { Town } from '#test/e2e/support/town.ts';
import { cityTerminal } from '#test/support/city.ts';
import { until } from '#test/support/wait.ts';
import { type Figures, percentile, rounded } from './stats.ts';
import { inSteps } from './steps.ts';

const built = join(import.meta.dirname, '../../.build/console');
const wait = { withinMs: 60_000 };
const terminals = 500;
const past = 5_000;
const quiet = { sound: { remindS: null }, picturesMax: 1 };
const nowMs = () => performance.timeOrigin + performance.now();

/** When a case's card was drawn, when there was sound, what held up the page, when a picture came. */
const eyes = `
  globalThis.bench = { cards: {}, soundMs: 0, fromMs: Infinity, longestMs: 0, pictures: [] };
  // From the login on: what the page itself weighs is another figure.
  addEventListener('submit', () => { bench.fromMs = performance.now(); }, { capture: true });
  const now = () => performance.timeOrigin + performance.now();
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      if (startTime >= bench.fromMs) bench.longestMs = Math.max(bench.longestMs, duration);
  }).observe({ type: 'longtask', buffered: true });
  new MutationObserver(() => {
    for (const { dataset } of document.querySelectorAll('[data-case]'))
      if (!(dataset.case in bench.cards)) {
        bench.cards[dataset.case] = 0;
        requestAnimationFrame(() => { bench.cards[dataset.case] = now(); });
      }
  }).observe(document, { childList: true, subtree: true });
  const hear = () => {
    if (globalThis.deskLoudest > 0.05 && bench.soundMs === 0) bench.soundMs = now();
    setTimeout(hear, 5);
  };
  hear();
  const Connection = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(...args) {
      super(...args);
      const began = performance.now();
      // Looked at by its own track alone, and not before it can be there: whoever asks often is slow.
      this.addEventListener('track', ({ track, receiver }) => {
        if (track.kind !== 'video') return;
        const look = async () => {
          const stats = [...(await receiver.getStats()).values()];
          const isSeen = stats.some((one) => one.type === 'inbound-rtp' && one.framesDecoded > 0);
          if (isSeen) return bench.pictures.push({ ms: performance.now() - began, atMs: now() });
          if (this.connectionState !== 'closed') setTimeout(look, 20);
        };
        look();
      });
    }
  };
`;

export const measureConsole = (alarms: number): Promise<Figures> =>
  inSteps({
    bundle: () => Promise.resolve({ console_gzip_kb: gzipKb() }),
    'five hundred terminals': () => manyTerminals(alarms),
    'eight pictures': () => eightPictures(),
  });

function gzipKb(): number {
  const files = readdirSync(built, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(js|css|html)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  return Math.round(
    files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0) / 1000,
  );
}

async function manyTerminals(alarms: number): Promise<Figures> {
  const rig = await DeskRig.open(quiet);
  const browser = await Chromium.open({});
  const { page } = browser;
  try {
    await rig.city.born(terminals, (n) => n % 40 === 0);
    await page.addInitScript({ content: eyes });
    await page.goto(rig.url);
    await page.evaluate(shelve(past));
    await sitDown(page, rig.url, 'wang');
    const isThere = async () => (await page.locator('.chip').first().textContent()) ?? '';
    await until(async () => (await isThere()).includes(String(terminals)), {
      ...{ ...wait, what: 'all terminals on the page' },
    });
    await lookThrough(page);
    const longest = await page.evaluate<number>('bench.longestMs');
    const seen: number[] = [];
    for (let n = 0; n < alarms; n++) seen.push(await alarmToScreen(rig, page, n));
    return {
      console_500_longest_task_ms: Math.round(longest),
      alarm_to_screen_p50_ms: rounded(percentile(seen, 50), 1),
      alarm_to_screen_p95_ms: rounded(percentile(seen, 95), 1),
    };
  } finally {
    await browser.close();
    await rig.close();
  }
}

/** As a dispatcher reads: both lists from end to end, and a search letter by letter. */
async function lookThrough(page: Page): Promise<void> {
  const scroll = async () => {
    for (let part = 0; part <= 20; part++) {
      await page.evaluate(`{ const list = document.querySelector('.virtual');
        list.scrollTop = list.scrollHeight * ${part / 20}; }`);
      await pause(50);
    }
  };
  await scroll();
  await page.keyboard.press('/');
  await page.keyboard.type('第77小学', { delay: 60 });
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Escape');
  const tabs = page.locator('.side .tab');
  await tabs.nth(1).press('Enter');
  await page.locator('.roll-past').first().waitFor();
  await scroll();
  await tabs.nth(0).press('Enter');
}

async function alarmToScreen(rig: DeskRig, page: Page, n: number): Promise<number> {
  // The sound of the one before is over.
  await pause(1_700 + ((n * 137) % 400));
  await page.evaluate('deskLoudest = 0; bench.soundMs = 0;');
  const beganMs = nowMs();
  const id = await rig.city.press(cityTerminal(n % terminals));
  const shown = () => page.evaluate<number>(`Math.min(bench.cards['${id}'] ?? 0, bench.soundMs)`);
  await until(async () => (await shown()) > 0, { ...wait, what: 'the alarm' });
  const endedMs = await page.evaluate<number>(`Math.max(bench.cards['${id}'], bench.soundMs)`);
  await page.locator(`[data-case=${id}] button`).press('Enter');
  await page.keyboard.press('r');
  await page.keyboard.press('1');
  await page.locator(`[data-case=${id}]`).waitFor({ state: 'detached' });
  return endedMs - beganMs;
}

async function eightPictures(): Promise<Figures> {
  const town = await Town.open({
    ...{ rooms: 8, withSound: 0, warm: true, console: { ...quiet, picturesMax: 8 } },
  });
  const browser = await Chromium.open({});
  const { page } = browser;
  try {
    await page.addInitScript({ content: eyes });
    await sitDown(page, town.rig.url, 'wang');
    await Promise.all(town.rooms.map(({ box }) => box.tap(1)));
    const seen = () => page.evaluate<{ ms: number; atMs: number }[]>('bench.pictures');
    await until(async () => (await seen()).length >= 8, { ...wait, what: 'eight pictures' });
    const pictures = await seen();
    const firstMs = await page.evaluate<number>('Math.min(...Object.values(bench.cards))');
    const p95 = (all: readonly number[]) => Math.round(percentile(all, 95));
    return {
      console_picture_8_p95_ms: p95(pictures.map(({ ms }) => ms)),
      // Those that wait their turn, too.
      console_picture_8_from_card_p95_ms: p95(pictures.map(({ atMs }) => atMs - firstMs)),
    };
  } finally {
    await browser.close();
    await town.close();
  }
}

/** In the page: past cases as an earlier day would have left them. */
const shelve = (count: number): string => `(async () => {
  const asked = indexedDB.open('gate-console', 1);
  asked.onupgradeneeded = () =>
    asked.result.createObjectStore('cases', { keyPath: 'id' }).createIndex('raised', ['raisedMs', 'id']);
  await new Promise((done) => { asked.onsuccess = done; });
  const store = asked.result.transaction('cases', 'readwrite').objectStore('cases');
  const steps = ['raised', 'sent', 'received', 'seen', 'taken', 'resolved'];
  for (let n = 0; n < ${count}; n++) {
    const raisedMs = 1_700_000_000_000 + n * 60_000;
    const lines = steps.map((what, after) => ({
      key: what, atMs: raisedMs + after * 1000, what, who: null, detail: '',
    }));
    store.put({
      id: 'past-' + n, terminal: 'school-0001', identity: null, kind: 'emergency', mark: null,
      inputName: 'desk', raisedMs, files: [], lines,
      resolved: { role: '110-city', user: 'wang', atMs: raisedMs + 9000, reason: 'handled', note: null },
    });
  }
  await new Promise((done) => { store.transaction.oncomplete = done; });
  asked.result.close();
})()`;
