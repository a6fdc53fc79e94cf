// A call from the console while its broker is away: what is heard at both ends meanwhile, what the console
// says, and what there is afterwards: one case, one call, one row of each thing that happened, one of each
// message at the platform.

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { type BirthMessage, stateMessage } from '#agent/contract.ts';
import { found, Voices, type VoicesRoom } from './voices.ts';

interface Away {
  readonly stop: () => Promise<unknown>;
  readonly start: () => Promise<unknown>;
  /** At the least. */
  readonly forMs: number;
}

interface Setup {
  readonly page: Page;
  readonly on: VoicesRoom;
  /** `words` need a machine that keeps up; `sound` is only loud or not. */
  readonly hears: 'words' | 'sound';
}

const shownMs = 90_000;
/** A voice; a loudspeaker that nobody speaks through, and a call that brings nothing, are far below. */
const loudDb = -50;

export class MidTalk {
  readonly #page: Page;
  readonly #on: VoicesRoom;
  readonly #voices: Voices;
  readonly #hears: Setup['hears'];
  /** What the call has been said to be, as often as that changed. */
  #states: string[] = [];

  constructor({ page, on, hears }: Setup) {
    this.#page = page;
    this.#hears = hears;
    this.#on = on;
    this.#voices = new Voices(on);
  }

  /** Answers the case in hand. */
  async begin(): Promise<void> {
    await this.#page.keyboard.press('a');
    await this.#shows('#talk-says[data-state=connected]');
    await this.#shows('#floor-says[data-state=mine]');
  }

  async away({ stop, start, forMs }: Away): Promise<void> {
    const before = await this.#looks();
    await this.#watchCall();
    const beganMs = performance.now();
    await stop();
    await this.#shows('.banner-danger');
    do await this.#bothAreHeard();
    while (performance.now() - beganMs < forMs);
    await this.#shows('.banner-danger');
    const births = () => this.#births().length;
    const known = births();
    await start();
    await this.#shows('.line.is-up');
    await this.#on.until('the terminal to be back', () => births() > known);
    const after = await this.#looks();
    expect(await this.#page.evaluate('callStates')).toEqual(this.#states);
    expect(after.cards).toEqual(before.cards);
    expect(after.callers).toEqual(before.callers);
    expect(after.callers).toHaveLength(1);
    // News of the line itself may have come; nothing that was there is there twice.
    expect(after.rows.slice(-before.rows.length)).toEqual(before.rows);
    expect(new Set(after.rows).size).toBe(after.rows.length);
    expect(after.alarms).toEqual(before.alarms);
    if (this.#hears === 'words') await this.#bothAreHeard();
  }

  async #bothAreHeard(): Promise<void> {
    await this.#isHeard('dispatcher');
    // Muted meanwhile: two who speak at once are not told apart.
    await this.#page.keyboard.press('m');
    await this.#isHeard('guard');
    await this.#page.keyboard.press('m');
  }

  async #isHeard(who: 'dispatcher' | 'guard'): Promise<void> {
    if (this.#hears === 'words') {
      const heard = await this.#voices.fairly(who, ({ likeness }) => likeness > found);
      return expect(heard.likeness, who).toBeGreaterThan(found);
    }
    const isLoud = async () => (await this.#voices.loudness(who)) > loudDb;
    await this.#on.until(`${who} to be heard`, isLoud);
  }

  /** Every state that the page ever says of the call from now on. */
  async #watchCall(): Promise<void> {
    this.#states = ['connected'];
    await this.#page.evaluate(`{
      const says = document.querySelector('#talk-says');
      globalThis.callStates = [says.dataset.state];
      new MutationObserver(() => {
        if (callStates.at(-1) !== says.dataset.state) callStates.push(says.dataset.state);
      }).observe(says, { attributes: true });
    }`);
  }

  async #looks() {
    const all = (selector: string) => this.#page.locator(selector).allTextContents();
    const cards = await this.#page
      .locator('#cases li')
      .evaluateAll((found) => found.map((one) => one.getAttribute('data-case')));
    return {
      cards,
      rows: await all('.timeline li'),
      callers:
        this.#births()
          .at(-1)
          ?.callers.map(({ session }) => session) ?? [],
      // As often as they came, one that was sent again among them.
      alarms: this.#on.room.platform.log.flatMap(({ what, message }) =>
        what === 'alarm' ? [(message as { readonly id: string }).id] : [],
      ),
    };
  }

  #births(): BirthMessage[] {
    return this.#on.room.platform.log.flatMap(({ what, message }) => {
      const state = what === 'state' ? stateMessage.safeParse(message) : null;
      return state?.success && state.data.online ? [state.data] : [];
    });
  }

  #shows(selector: string): Promise<void> {
    return this.#page.locator(selector).first().waitFor({ timeout: shownMs });
  }
}
