// GPIO keeps the contract of all inputs: here on a simulated chip, on a real kernel's in test/vm.

import { Gpio } from '#agent/gpio/gpio.ts';
import { systemClock } from '#agent/system/clock.ts';
import { place, SimChip } from '#test/gpio/sim-chip.ts';
import { button, debounceMs, noOutputs } from '#test/gpio/support.ts';
import { inputsSuite } from './inputs.suite.ts';

/** `b1` is a pair, `b2` a make contact. */
const inputs = [button('b1', { contact: 'pair', pair: place('b1-nc') }), button('b2')];
const levels = { pressed: [1, 0], normal: [0, 1], tamper: [0, 0] } as const;

for (const hasInterrupts of [true, false]) {
  inputsSuite(
    `GPIO on a simulated chip, ${hasInterrupts ? 'with' : 'without'} interrupts`,
    async () => {
      const clock = systemClock();
      const kernel = new SimChip(clock, ['b1', 'b1-nc', 'b2']);
      for (const name of ['b1', 'b1-nc', 'b2']) kernel.line(name).hasInterrupts = hasInterrupts;
      kernel.slip('b1-nc', 1);
      const setup = { inputs, outputs: noOutputs, debounceMs, clock, kernel };
      const gpio = new Gpio({ driver: 'auto', ...setup });
      return {
        inputs: gpio,
        contact(input, contact) {
          if (contact === 'short' || contact === 'open') throw new RangeError(contact);
          const [no, nc] = levels[contact];
          kernel.drive(input, no);
          if (input === 'b1') kernel.drive('b1-nc', nc);
        },
        lose: async () => kernel.pull(),
        mend: async () => kernel.plug(),
        fault: 'input.b1.line',
        close: () => gpio.close(),
      };
    },
    { counts: false, wiring: ['tamper'] },
  );
}
