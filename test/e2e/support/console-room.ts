// The dispatcher's console in real browsers, on the rehearsal room's own page server: built from its sources,
// logged in, and told apart by user.

import type { Page } from 'playwright-core';
import { buildPage } from '#test/support/build-page.ts';
import { until } from '#test/support/wait.ts';
import { PageRoom, type PageRoomSetup } from './page-room.ts';

export const soundEar = `
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    const { context } = this;
    if (to === context.destination) {
      context.ear ??= context.createAnalyser();
      globalThis.deskAudio = context;
      connect.call(this, context.ear);
    }
    return connect.call(this, to, ...rest);
  };
  globalThis.deskLoudest = 0;
  const listen = () => {
    const ear = globalThis.deskAudio?.ear;
    if (ear) {
      const heard = new Float32Array(ear.fftSize);
      ear.getFloatTimeDomainData(heard);
      for (const one of heard) globalThis.deskLoudest = Math.max(globalThis.deskLoudest, Math.abs(one));
    }
    setTimeout(listen, 10);
  };
  listen();
`;

/** Opens the console in a tab and logs in; resolves when the line is up. */
export async function sitDown(
  page: Page,
  url: string,
  user: string,
  password = 'none is asked for',
): Promise<void> {
  await page.addInitScript({ content: soundEar });
  // The room's own page may have logged in here before.
  await page.context().clearCookies();
  await page.goto(url);
  await page.locator('input[name=user]').fill(user);
  await page.locator('input[name=password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.locator('.line.is-up').waitFor({ timeout: 60_000 });
}

export class ConsoleRoom {
  readonly on: PageRoom;

  constructor(setup: PageRoomSetup = {}) {
    this.on = new PageRoom(setup);
  }

  get tab(): Page {
    return this.on.browser.page;
  }

  async open(): Promise<void> {
    buildPage('console');
    await this.on.open();
    await sitDown(this.tab, this.on.page.consoleUrl, 'li', this.on.passwordOf('li'));
  }

  close(): Promise<void> {
    return this.on.close();
  }

  press(button: number): Promise<void> {
    return this.on.room.box.tap(button);
  }

  /** Waits for something that the page shows. */
  async shows(selector: string): Promise<void> {
    await this.tab.locator(selector).first().waitFor({ timeout: 60_000 });
  }

  async gone(selector: string): Promise<void> {
    await this.tab.locator(selector).first().waitFor({ state: 'detached', timeout: 60_000 });
  }

  /** Loudest sample so far of what the desk itself has sounded. */
  loudest(): Promise<number> {
    return this.tab.evaluate<number>('globalThis.deskLoudest');
  }

  until(what: string, holds: () => boolean | Promise<boolean>): Promise<unknown> {
    return until(holds, { withinMs: 60_000, what });
  }
}
