// The stick on the page, in a real browser that ends in the middle of a turn: its page killed, all of it
// killed, its page frozen with the line up. The dome stands, and nobody has told it to but the terminal.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { monotonicMs } from '#agent/sim/dome/actuators.ts';
import { Chromium } from './support/chromium.ts';
import { PageRoom } from './support/page-room.ts';

/** From the end to a dome that stands. */
const standsMs = 600;
const on = new PageRoom();
const browsers: Chromium[] = [];

beforeAll(async () => {
  await on.open();
  const found = () => on.room.dome.log.some(({ what }) => what === 'GetSnapshotUri');
  await on.until('the dome to be found', found);
}, 90_000);
afterAll(async () => {
  for (const browser of browsers) await browser.close();
  await on.close();
});

const motion = () => on.room.dome.motion;

/** A browser of its own, in which an arrow is held down until the dome turns as fast as it is asked to. */
async function turning(): Promise<Chromium> {
  const browser = await Chromium.open({});
  browsers.push(browser);
  await browser.page.goto(on.page.url);
  const line = browser.page.locator('#line');
  await on.until('its line', async () => (await line.textContent()) === 'connected');
  await on.until('the dome to stand', () => motion().stillSinceMs !== null);
  const { pan } = motion().position;
  // Away from the end that is nearer.
  await browser.page.keyboard.down(pan > 0 ? 'ArrowLeft' : 'ArrowRight');
  await on.until('the dome to turn', () => Math.abs(motion().position.pan - pan) > 0.15);
  return browser;
}

test.each(['page-killed', 'killed', 'page-frozen'] as const)('%s', async (end) => {
  const browser = await turning();
  const lostMs = monotonicMs();
  browser.end(end);
  let stoodMs: number | null = null;
  await on.until('the dome to stand', () => {
    stoodMs = motion().stillSinceMs;
    return stoodMs !== null;
  });
  const tookMs = (stoodMs ?? Number.POSITIVE_INFINITY) - lostMs;
  console.log(`stick on the page, ${end}: the dome stood after ${Math.round(tookMs)} ms`);
  expect(tookMs).toBeLessThan(standsMs);
  if (end !== 'killed') browser.end('killed');
});
