// The rehearsal room on its page: broker, box, dome, sound and daemon, and a real browser that looks on.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimBroker } from '#agent/sim/broker.ts';
import { LampReader } from '#agent/sim/lamp-reader.ts';
import { Page, type PageOptions } from '#agent/sim/page/server.ts';
import { Room, type RoomMedia } from '#agent/sim/room.ts';
import { until } from '#test/support/wait.ts';
import { Chromium } from './chromium.ts';
import { button, launcher } from './house.ts';

export interface PageRoomSetup {
  readonly media?: RoomMedia;
  readonly ice?: PageOptions['ice'];
  /** A WAV that the dispatcher's microphone hears over and over. */
  readonly microphone?: (dir: string) => Promise<string>;
}

const withinMs = 30_000;
/** Drawn and encoded on the machine that runs all the rest. */
const small = { width: 640, height: 360 };

export class PageRoom {
  readonly room: Room;
  readonly page: Page;
  readonly browser: Chromium;
  readonly #dir: string;
  readonly #reader = new LampReader();

  private constructor(parts: Pick<PageRoom, 'room' | 'page' | 'browser'> & { dir: string }) {
    this.room = parts.room;
    this.page = parts.page;
    this.browser = parts.browser;
    this.#dir = parts.dir;
  }

  /** The daemon is ready and the page open when this resolves. */
  static async open({ media, ice, microphone }: PageRoomSetup = {}): Promise<PageRoom> {
    const dir = await mkdtemp(join(tmpdir(), 'gate-page-'));
    const broker = new SimBroker({});
    await broker.start();
    const room = await Room.open({
      ...{ dir, command: [launcher], inputs: [button(1), button(2)], broker },
      dome: { video: { main: small, sub: small } },
      ...(media ? { media } : {}),
    });
    const page = new Page(room, {
      broker: (stream) => broker.accept(stream),
      ...(ice ? { ice } : {}),
    });
    await page.open();
    const wav = await microphone?.(dir);
    const browser = await Chromium.open(wav === undefined ? {} : { microphone: wav });
    const opened = new PageRoom({ room, page, browser, dir });
    room.daemon.start();
    await opened.lampSays('ready');
    await browser.page.goto(page.url);
    await browser.page.locator('#lamp[data-word=ready]').waitFor();
    await opened.until('the line', async () => (await opened.says('#line')) === 'connected');
    return opened;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.page.close();
    await this.room.close();
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** A key on the page. */
  key(key: string): Promise<void> {
    return this.browser.page.keyboard.press(key);
  }

  lampSays(word: string) {
    return this.until(
      `lamp says ${word}`,
      () => this.#reader.read(this.room.box.lamp).word === word,
    );
  }

  /** Waits for something in the room or on the page; where it does not come, says the daemon's last. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    try {
      await until(holds, { withinMs, what });
    } catch (cause) {
      const last = this.room.daemon.lines.slice(-15).join('\n');
      throw new Error(`${what}; the last the daemon said:\n${last}`, { cause });
    }
  }

  /** What the page says at a place of its own. */
  async says(selector: string): Promise<string> {
    return (await this.browser.page.locator(selector).textContent()) ?? '';
  }

  async state(selector: string): Promise<string> {
    return (await this.browser.page.locator(selector).getAttribute('data-state')) ?? '';
  }
}
