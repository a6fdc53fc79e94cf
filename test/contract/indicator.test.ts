// The fake indicator and the lamp of a box at the end of a real line keep the same contract.

import { boxRoom } from '#test/buttons/support.ts';
import { FakeIndicator } from '#test/fakes/lamp.ts';
import { indicatorSuite } from './indicator.suite.ts';

indicatorSuite('fake', async () => {
  const indicator = new FakeIndicator();
  return { indicator, history: () => indicator.shown, close: async () => undefined };
});

indicatorSuite('button box on a pseudo terminal', async () => {
  const { driver, sim, open, close } = await boxRoom();
  await open();
  return { indicator: driver, history: () => sim.history, close };
});
