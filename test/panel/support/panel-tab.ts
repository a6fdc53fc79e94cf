// The panel's page in a tab, and what tests look at there.

import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { Chromium } from '#test/e2e/support/chromium.ts';
import { until } from '#test/support/wait.ts';

export const screens = {
  phone: { width: 390, height: 844 },
  /** Ten inches at the guard's desk. */
  kiosk: { width: 1280, height: 800 },
  desktop: { width: 1440, height: 900 },
} as const;

/** How the word's letters lie on the screen, and their contrast against all that is behind them. */
const measured = `(() => {
  const head = document.querySelector('.stage .head');
  const { top, bottom, right } = head.getBoundingClientRect();
  // The letters: an em is what a Chinese character fills.
  const height = Number.parseFloat(getComputedStyle(head).fontSize);
  const stage = getComputedStyle(document.querySelector('.stage'));
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => {
      const one = Number(part) / 255;
      return one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = stage.backgroundImage === 'none' ? stage.backgroundColor : stage.backgroundImage;
  const letters = light(getComputedStyle(head).color);
  const contrasts = behind.match(/rgb\\([^)]*\\)/g).map((colour) => {
    const [more, less] = [letters, light(colour)].sort((a, b) => b - a);
    return (more + 0.05) / (less + 0.05);
  });
  const pageWidth = document.documentElement.scrollWidth;
  return { top, bottom, right, height, contrast: Math.min(...contrasts), pageWidth };
})()`;

interface Measured {
  readonly top: number;
  readonly bottom: number;
  readonly right: number;
  readonly height: number;
  readonly contrast: number;
  readonly pageWidth: number;
}

export class PanelTab {
  #browser: Chromium | null = null;

  get page(): Page {
    if (!this.#browser) throw new Error('the browser is not open');
    return this.#browser.page;
  }

  get errors(): readonly string[] {
    return this.#browser?.errors ?? [];
  }

  /** `trusts`: SHA-256 of a server's key, in base64. */
  async open(url: string, trusts?: string): Promise<void> {
    this.#browser = await Chromium.open({ devices: 'none', ...(trusts ? { trusts } : {}) });
    await this.page.setViewportSize(screens.kiosk);
    // Runs with the machine's, and can be put forward: what takes seconds is asked in the page's own time.
    await this.page.clock.install();
    await this.page.goto(url);
  }

  async close(): Promise<void> {
    await this.#browser?.close();
  }

  async speak(language: 'zh' | 'en'): Promise<void> {
    const now = await this.page.evaluate<string>('document.documentElement.lang');
    if (now.startsWith(language)) return;
    await this.page.getByRole('button', { name: language === 'en' ? 'English' : '中文' }).click();
    await this.shows(`html[lang^=${language}]`);
  }

  /** Waits for something that the page shows. */
  async shows(selector: string): Promise<void> {
    await this.page.locator(selector).first().waitFor({ timeout: 45_000 });
  }

  async text(selector: string): Promise<string> {
    return ((await this.page.locator(selector).first().textContent()) ?? '').trim();
  }

  /** By the keyboard: as often Tab as it takes. */
  async focus(selector: string): Promise<void> {
    for (let left = 60; left > 0; left--) {
      if ((await this.page.locator(`${selector}:focus`).count()) > 0) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not reach ${selector}`);
  }

  async logIn(typed: string): Promise<void> {
    if ((await this.page.locator('.door').count()) === 0)
      await this.page.locator('#to-door').click();
    await this.shows('input[name=pin]:focus');
    await this.page.keyboard.type(typed);
    await this.page.keyboard.press('Enter');
    await this.shows('.work');
  }

  /** What all of the page says and how it is drawn, without what runs by the second. */
  still(): Promise<string> {
    return this.page.evaluate<string>(`(() => {
      const page = document.querySelector('#panel').cloneNode(true);
      for (const runs of page.querySelectorAll('time, .since, .clock, .session, .when, .note')) runs.remove();
      return page.innerHTML;
    })()`);
  }

  measure(): Promise<Measured> {
    return this.page.evaluate<Measured>(measured);
  }

  /** Collects what a screen reader would be told of. */
  async listen(selector: string): Promise<void> {
    await this.page.evaluate(`(() => {
      globalThis.spoken = [];
      const place = document.querySelector(${JSON.stringify(selector)});
      const tell = () => globalThis.spoken.push(place.textContent);
      new MutationObserver(tell).observe(place, { subtree: true, characterData: true, childList: true });
    })()`);
  }

  heard(): Promise<string[]> {
    return this.page.evaluate<string[]>('globalThis.spoken');
  }

  /** What axe finds on the page, or a part of it, as it is. */
  async findings(part = 'html'): Promise<string[]> {
    if (!(await this.page.evaluate<boolean>('"axe" in globalThis')))
      await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate<{
      violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
    }>(`axe.run(${JSON.stringify(part)})`);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  }

  until(what: string, holds: () => boolean | Promise<boolean>): Promise<unknown> {
    return until(holds, { withinMs: 45_000, what });
  }
}
