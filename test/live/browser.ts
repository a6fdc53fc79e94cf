// Viewers in a real browser. What a viewer saw is read from the decoded
// pictures themselves, in the page (`readScene`), and fetched from there.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import type { Scene } from '#agent/sim/dome/scene/code.ts';
import { Chromium } from '#test/e2e/support/chromium.ts';
import { until } from '#test/support/wait.ts';
import type { LiveRig } from './rig.ts';

export interface Seen extends Scene {
  /** Wall clock when the browser presented it, Unix ms. */
  readonly atMs: number;
  readonly width: number;
  /** RTP timestamp. */
  readonly rtp: number;
}

export interface Watched {
  /** Since the offer was made, first presented picture; null: none yet. */
  readonly firstMs: number | null;
  /** The last pictures that could be read, oldest first. */
  readonly seen: readonly Seen[];
  /** All that were presented. */
  readonly presented: number;
  readonly state: string;
}

const scene = join(import.meta.dirname, '../../agent/sim/dome/scene/code.ts');
const page = join(import.meta.dirname, 'page.ts');

/** TypeScript as a browser takes it. */
const scriptOf = (file: string, globalName: string): string =>
  transformSync(readFileSync(file, 'utf8'), { loader: 'ts', format: 'iife', globalName }).code;

export class Viewers {
  readonly #browser: Chromium;
  readonly #rig: LiveRig;
  #fed = new Map<string, number>();
  #isOpen = true;

  private constructor(browser: Chromium, rig: LiveRig) {
    this.#browser = browser;
    this.#rig = rig;
  }

  static async open(rig: LiveRig): Promise<Viewers> {
    const browser = await Chromium.open({});
    await browser.page.addScriptTag({ content: scriptOf(scene, 'scene') });
    await browser.page.addScriptTag({ content: scriptOf(page, 'viewer') });
    return new Viewers(browser, rig);
  }

  /** Offers, and carries candidates both ways until the picture or the end of the session. */
  async watch(
    id: string,
    options: { readonly stream?: 'main' | 'sub' | 'auto'; readonly sound?: boolean } = {},
  ): Promise<void> {
    const { stream = 'main', sound = false } = options;
    const sdp = await this.#call<string>('offer', id, sound);
    const answer = await this.#rig.offer({ id, sdp, stream });
    await this.#call('answer', id, answer);
    this.#fed.set(id, 0);
    // Ended with the browser, it has nothing more to carry.
    this.#carry(id).catch((error: unknown) => {
      if (this.#isOpen && this.#fed.has(id)) throw error;
    });
  }

  async #carry(id: string): Promise<void> {
    while (this.#isOpen && this.#fed.has(id) && !this.#rig.closed(id)) {
      const own = await this.#call<{ candidate: string; mid: string }[]>('candidates', id);
      if (own.length > 0) this.#rig.candidates(id, own);
      const fed = this.#fed.get(id) ?? 0;
      const theirs = this.#rig.gathered(id).slice(fed);
      this.#fed.set(id, fed + theirs.length);
      if (theirs.length > 0) await this.#call('add', id, theirs);
      if (theirs.includes(null)) return;
      await new Promise((next) => setImmediate(next));
    }
  }

  watched(id: string): Promise<Watched> {
    return this.#call<Watched>('watched', id);
  }

  /** Waits for a picture that `is` what it should be. */
  async sees(
    id: string,
    is: (seen: Seen) => boolean,
    what: string,
    withinMs = 20_000,
  ): Promise<Seen> {
    return until(async () => (await this.watched(id)).seen.findLast(is), { withinMs, what });
  }

  /** `RTCRtpReceiver.getStats()`, inbound video. */
  stats(id: string): Promise<Record<string, number>> {
    return this.#call('stats', id);
  }

  /** Peak of the sound that was decoded lately, 0 to 1. */
  loudness(id: string): Promise<number> {
    return this.#call('loudness', id);
  }

  /** The browser goes without a word. */
  async leave(id: string): Promise<void> {
    this.#fed.delete(id);
    await this.#call('leave', id);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#browser.close();
  }

  #call<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    const call = `viewer[${JSON.stringify(name)}](...${JSON.stringify(args)})`;
    return this.#browser.page.evaluate<T>(call);
  }
}
