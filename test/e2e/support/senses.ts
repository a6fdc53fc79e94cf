// The senses of a page (tab/senses.ts) from without: what its microphone and its call give, with times of
// this process's monotonic clock, and what its picture shows.

import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import * as z from 'zod';
import { monotonicMs } from '#agent/sim/dome/actuators.ts';
import type { Scene } from '#agent/sim/dome/scene/code.ts';
import type { Recorded } from '#agent/sim/sound/room.ts';
import { until } from '#test/support/wait.ts';

/** `gate`: the sound of the gate's picture. */
export type Ear = 'microphone' | 'call' | 'gate';

const heard = z.object({ base64: z.string(), fromMs: z.number() });
const asks = 5;

/** The script that gives a page its senses. */
export async function sensesScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../tab/senses.ts')],
    ...{ bundle: true, write: false, platform: 'browser', format: 'iife' },
  });
  return outputFiles[0]?.text ?? '';
}

export class Senses {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Which track is being played there; null: nothing is. */
  trackOf(what: Ear): Promise<string | null> {
    return this.#page.evaluate(`senses.trackOf('${what}')`);
  }

  /** Records, from when there is something to be heard, until the returned function is called. */
  async listen(what: Ear): Promise<() => Promise<Recorded>> {
    const begun = () => this.#page.evaluate<boolean>(`senses.listen('${what}')`);
    await until(begun, { withinMs: 30_000, what: `something to be heard: ${what}` });
    return async () => {
      const { base64, fromMs } = heard.parse(await this.#page.evaluate(`senses.heard('${what}')`));
      const bytes = Buffer.from(base64, 'base64');
      const samples = new Int16Array(bytes.length / 2);
      for (let n = 0; n < samples.length; n++) samples[n] = bytes.readInt16LE(2 * n);
      return { samples, fromMs: fromMs + (await this.#aheadMs()) };
    };
  }

  /** What can be read in the picture on the screen; null where nothing can. */
  look(): Promise<Scene | null> {
    return this.#page.evaluate('senses.look()');
  }

  /** Of our monotonic clock before the page's, by the quickest of some questions. */
  async #aheadMs(): Promise<number> {
    let best = { tookMs: Number.POSITIVE_INFINITY, aheadMs: 0 };
    for (let ask = 0; ask < asks; ask++) {
      const beganMs = monotonicMs();
      const thereMs = Number(await this.#page.evaluate('senses.nowMs()'));
      const tookMs = monotonicMs() - beganMs;
      if (tookMs < best.tookMs) best = { tookMs, aheadMs: beganMs + tookMs / 2 - thereMs };
    }
    return best.aheadMs;
  }
}
