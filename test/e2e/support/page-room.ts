// The rehearsal room on its page: broker, box, dome, sound and daemon, and a real browser that looks on.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { SimBroker } from '#agent/sim/broker.ts';
import type { Scene } from '#agent/sim/dome/scene/code.ts';
import { LampReader } from '#agent/sim/lamp-reader.ts';
import { openDesks } from '#agent/sim/login/desks.ts';
import { Page, type PageOptions } from '#agent/sim/page/server.ts';
import { Room, type RoomMedia } from '#agent/sim/room.ts';
import { until } from '#test/support/wait.ts';
import { Chromium } from './chromium.ts';
import { button, launcher } from './house.ts';

export interface PageRoomSetup {
  readonly media?: RoomMedia;
  readonly ice?: PageOptions['ice'];
  /** How long a login is good, seconds; default: as the contract has it. */
  readonly tokenS?: number;
  /** A WAV that the dispatcher's microphone hears over and over. */
  readonly microphone?: (dir: string) => Promise<string>;
}

const withinMs = 90_000;
/** A figure is measured so often on a machine that stalls. */
const triesMax = 4;
/** Drawn and encoded on the machine that runs all the rest. */
const small = { width: 640, height: 360 };

interface Parts {
  readonly room: Room;
  readonly page: Page;
  readonly browser: Chromium;
}

export class PageRoom {
  readonly #setup: PageRoomSetup;
  readonly #reader = new LampReader();
  readonly #closing: (() => Promise<unknown>)[] = [];
  #parts: Partial<Parts> = {};
  #line: Duplex | null = null;
  #dir = '';
  #passwords: ReadonlyMap<string, string> = new Map();

  constructor(setup: PageRoomSetup = {}) {
    this.#setup = setup;
  }

  get room(): Room {
    return this.#part('room');
  }

  get page(): Page {
    return this.#part('page');
  }

  /** Of somebody who has a desk. */
  passwordOf(user: string): string {
    return this.#passwords.get(user) ?? '';
  }

  /** Of all its files. */
  get dir(): string {
    return this.#dir;
  }

  get browser(): Chromium {
    return this.#part('browser');
  }

  /** The daemon is ready and the page open when this resolves. */
  async open(): Promise<void> {
    const { media, ice, microphone, tokenS } = this.#setup;
    const dir = await mkdtemp(join(tmpdir(), 'gate-page-'));
    this.#dir = dir;
    this.#closing.push(() => rm(dir, { recursive: true, force: true }));
    const desks = await openDesks(dir, tokenS === undefined ? {} : { validS: tokenS });
    const broker = new SimBroker(desks.broker);
    this.#passwords = desks.login.passwords;
    await broker.start();
    const room = await Room.open({
      ...{ dir, command: [launcher], inputs: [button(1), button(2)], broker, ...desks.room },
      dome: { video: { main: small, sub: small } },
      ...(media ? { media } : {}),
    });
    this.#closing.push(() => room.close());
    const page = new Page(room, {
      broker: (stream) => {
        this.#line = stream;
        broker.accept(stream);
      },
      ...(ice ? { ice } : {}),
      login: desks.login,
    });
    await page.open();
    this.#closing.push(() => page.close());
    const wav = await microphone?.(dir);
    const browser = await Chromium.open(wav === undefined ? {} : { microphone: wav });
    this.#closing.push(() => browser.close());
    this.#parts = { room, page, browser };
    room.daemon.start();
    await this.lampSays('ready');
    await browser.page.goto(page.url);
    await browser.page.locator('#lamp[data-word=ready]').waitFor();
    await this.until('the line', async () => (await this.says('#line')) === 'connected');
  }

  /** Closes what has been opened, however far that came. */
  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
  }

  /** A press, and the page has it. */
  async press(): Promise<void> {
    await this.key('1');
    await this.browser.page.locator('#incidents li').first().waitFor();
  }

  /** A call, connected. */
  async call(): Promise<void> {
    await this.key('a');
    await this.until('the call', async () => (await this.state('#talk-says')) === 'connected');
  }

  /** Waits until the picture shows something. */
  async sees(what: string, isIt: (scene: Scene) => boolean = () => true): Promise<Scene> {
    let last: Scene | null = null;
    await this.until(`picture of ${what}`, async () => {
      last = await this.browser.senses.look();
      return last !== null && isIt(last);
    });
    if (!last) throw new Error('nothing seen');
    return last;
  }

  /** What the broker says to the page waits until it is let go again. */
  hold(): () => void {
    this.#line?.cork();
    return () => this.#line?.uncork();
  }

  /** Sound that the machine made too late, so far. */
  async stalls(): Promise<number> {
    const figures = await this.room.sound?.figures();
    return figures ? figures.lateBlocks + figures.xruns.speaker + figures.xruns.microphone : 0;
  }

  /** A figure that the machine itself has not spoilt, as far as that can be had. */
  async measured(limitMs: number, measure: () => Promise<number>): Promise<number> {
    for (let tries = 1; ; tries++) {
      const before = await this.stalls();
      const ms = await measure();
      const wasBusy = (await this.stalls()) > before;
      if (ms < limitMs || !wasBusy || tries === triesMax) return ms;
    }
  }

  /** A key on the page. */
  key(key: string): Promise<void> {
    return this.browser.page.keyboard.press(key);
  }

  /** SIGKILL to one of the daemon's media processes. */
  async killMedia(which: 'talk' | 'live'): Promise<void> {
    process.kill(await this.mediaPid(which), 'SIGKILL');
  }

  async mediaPid(which: 'talk' | 'live'): Promise<number> {
    const { pid } = this.room.daemon;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    for (const child of children.trim().split(' ')) {
      const line = await readFile(`/proc/${child}/cmdline`, 'utf8');
      if (line.includes(`${which}.cjs`)) return Number(child);
    }
    throw new Error(`no ${which} process`);
  }

  get lampWord(): string {
    return this.#reader.read(this.room.box.lamp).word;
  }

  lampSays(word: string) {
    return this.until(`lamp says ${word}`, () => this.lampWord === word);
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

  #part<P extends keyof Parts>(name: P): Parts[P] {
    const part: Parts[P] | undefined = this.#parts[name];
    if (!part) throw new Error(`the ${name} is not open`);
    return part;
  }
}
