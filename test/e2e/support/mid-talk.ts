// A call from the console while its broker is away: what is heard at both ends meanwhile, what the console
// says, and what there is afterwards: one case, one call, one row of each thing that happened, one of each
// message at the platform.

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { type BirthMessage, stateMessage } from '#agent/contract.ts';
import { found, type Heard, Voices, type VoicesRoom } from './voices.ts';

interface Away {
  readonly stop: () => Promise<unknown>;
  readonly start: () => Promise<unknown>;
  /** At the least. */
  readonly forMs: number;
}

const shownMs = 90_000;

export class MidTalk {
  readonly #page: Page;
  readonly #on: VoicesRoom;
  readonly #voices: Voices;
  /** What the call has been said to be, as often as that changed. */
  #states: string[] = [];

  constructor({ page, on }: { readonly page: Page; readonly on: VoicesRoom }) {
    this.#page = page;
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
    await this.#bothAreHeard();
  }

  async #bothAreHeard(): Promise<void> {
    const isWell = ({ likeness }: Heard) => likeness > found;
    const there = await this.#voices.fairly('dispatcher', isWell);
    expect(there.likeness, 'the dispatcher in the gate room').toBeGreaterThan(found);
    // Muted meanwhile: two who speak at once are not told apart.
    await this.#page.keyboard.press('m');
    const here = await this.#voices.fairly('guard', isWell);
    expect(here.likeness, 'the guard at the desk').toBeGreaterThan(found);
    await this.#page.keyboard.press('m');
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
