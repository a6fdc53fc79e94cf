// The fake and the real driver on a pseudo terminal keep the same contract.

import { boxRoom } from '#test/buttons/support.ts';
import { FakeInputs } from '#test/fakes/inputs.ts';
import { inputsSuite } from './inputs.suite.ts';

inputsSuite('fake', async () => {
  const inputs = new FakeInputs(['b1', 'b2']);
  return {
    inputs,
    contact: (input, contact) => inputs.contact(input, contact),
    lose: async () => inputs.lose(),
    mend: async () => inputs.mend(),
    fault: 'box.fake.absent',
    close: () => inputs.close(),
  };
});

inputsSuite('button box on a pseudo terminal', async () => {
  const { driver, sim, close } = await boxRoom();
  return {
    inputs: {
      async open(sink) {
        await driver.open(sink);
        sim.speak();
      },
      close: () => driver.close(),
    },
    contact: (input, contact) => sim.contact(Number(input.slice(1)), contact),
    lose: () => sim.unplug(),
    mend: () => sim.replug(),
    fault: 'box.desk.absent',
    close,
  };
});
