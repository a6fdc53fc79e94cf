// Pictures of the panel for people who look at it before it goes out, and for the guides:
// `node test/panel/support/shots.ts FOLDER`.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GuardView } from '#agent/panel/api.ts';
import { shownOf } from '#agent/web/panel/model/stage.ts';
import { pin } from './fake-panel.ts';
import { screens } from './panel-tab.ts';
import { Rehearsal } from './rehearsal.ts';
import { alarm, callers, faults, idle, linkDown } from './views.ts';

const [folder = '.cache/shots', picture] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const now = () => Date.now();
const drill = (): Partial<GuardView> => {
  const one = alarm('received', now());
  return {
    ...one,
    lamp: { ...idle(now()).lamp, ...one.lamp, mark: 'drill' },
    advice: { urgency: 'watch', text: { zh: '这是演练', en: 'This is a drill' } },
    alarms: one.alarms?.map((each, at) => (at === 0 ? { ...each, mark: 'drill' } : each)) ?? [],
    window: {
      ...({ mark: 'drill', by: '110指挥中心 li', text: { zh: '演练', en: 'drill' } } as const),
      ...{ sinceWallMs: now() - 60_000, untilWallMs: now() + 780_000 },
    },
  };
};
const scenes: { readonly [name: string]: () => Partial<GuardView> } = {
  rest: () => ({}),
  sent: () => alarm('sent', now()),
  undelivered: () => ({ ...alarm('undelivered', now()), faults: faults(now()) }),
  talking: () => ({
    ...alarm('talking', now()),
    callers: callers(now()),
    faults: faults(now()).slice(1),
  }),
  'link-down': () => linkDown(now()),
  drill,
};

const rehearsal = new Rehearsal();
const { fake, tab } = rehearsal;
await rehearsal.open();
const shoot = (name: string) => tab.page.screenshot({ path: join(folder, `${name}.png`) });
try {
  await rehearsal.rest();
  if (picture) fake.picture = readFileSync(picture);
  for (const [screen, size] of Object.entries(screens))
    for (const language of ['zh', 'en'] as const) {
      await rehearsal.rest();
      await tab.page.setViewportSize(size);
      await tab.page.emulateMedia({ colorScheme: language === 'zh' ? 'dark' : 'light' });
      await tab.speak(language);
      for (const [name, view] of Object.entries(scenes)) {
        const shown = { ...idle(now()), ...view() };
        const { sign, mark } = shownOf(shown);
        fake.show(shown);
        await tab.shows(`.stage[data-word=${sign}][data-mark=${mark ?? 'none'}]`);
        await shoot(`${screen}-${language}-${name}`);
      }
      fake.show({ ...idle(now()), ...alarm('received', now()) });
      await tab.page.locator('#to-door').click();
      await shoot(`${screen}-${language}-door`);
      await tab.logIn(pin);
      for (const name of ['control', 'inputs', 'picture', 'tests', 'windows', 'system']) {
        await tab.page.locator(`#tab-${name}`).click();
        if (name === 'system') await tab.shows('.facts');
        await shoot(`${screen}-${language}-${name}`);
      }
    }
  await rehearsal.rest();
  fake.fallSilent();
  await tab.shows('.stage[data-word=unknown]');
  await shoot('kiosk-zh-stale');
} finally {
  await rehearsal.close();
}
