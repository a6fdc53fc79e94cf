// The page before the fake server.

import { FakePanel } from './fake-panel.ts';
import { PanelTab, screens } from './panel-tab.ts';
import { idle } from './views.ts';

export class Rehearsal {
  readonly fake = new FakePanel();
  readonly tab = new PanelTab();

  async open(): Promise<void> {
    await this.fake.open();
    await this.tab.open(this.fake.url);
  }

  async close(): Promise<void> {
    await this.tab.close();
    await this.fake.close();
  }

  /** As at the beginning: the guard's screen, a terminal at rest, Chinese, nobody signed in. */
  async rest(): Promise<void> {
    const { fake, tab } = this;
    fake.testFails = false;
    fake.fallSilent(false);
    fake.sign({ session: null, pinSet: true });
    fake.show(idle(Date.now()));
    await tab.page.setViewportSize(screens.kiosk);
    await tab.page.emulateMedia({ colorScheme: 'dark' });
    await tab.speak('zh');
    await tab.shows('.stage[data-word=ready]');
    if ((await tab.page.locator('.door').count()) > 0) await tab.page.keyboard.press('Escape');
    await tab.shows('.guard');
    fake.asked.length = 0;
  }
}
