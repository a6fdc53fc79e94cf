// Wrong versions of the lines of this machine.

import { type Wrong, wrong } from './wrong.ts';

const filter = 'agent/gpio/filter.ts';
const line = 'agent/gpio/input-line.ts';
const inputs = 'test/gpio/inputs.test.ts';
const outputs = 'test/gpio/outputs.test.ts';

export const wrongLines: readonly Wrong[] = [
  wrong('gpio: a press waits until its contact is quiet', inputs, [
    filter,
    'return [...told, ...this.#tell(contact)];',
    'return told;',
  ]),
  wrong('gpio: every bounce is told', inputs, [
    filter,
    "this.#restlessMs !== null || contact === 'tamper'",
    "contact === 'tamper'",
  ]),
  wrong('gpio: a pair is tamper while it switches over', inputs, [
    filter,
    "if (this.#now === 'tamper' && quietForMs < tamperAfterMs) return [];",
    '',
  ]),
  wrong('gpio: a welded break contact swallows the press', inputs, [
    'agent/gpio/contacts.ts',
    "no && !before.no ? ['pressed', 'tamper'] : ['tamper']",
    "['tamper']",
  ]),
  wrong('gpio: a press among dropped edges is dropped, too', inputs, [
    line,
    'if (lost > 0 && level === this.#level)',
    'if (false)',
  ]),
  wrong('gpio: the level is never read again', inputs, [
    line,
    'if (!this.#isPolled && nowMs < this.#lookAtMs) return;',
    'if (!this.#isPolled) return;',
  ]),
  wrong('gpio: a line in use is not tried again', inputs, [
    'agent/gpio/keeper.ts',
    'this.#cancel = this.#parts.clock.after(delayMs, () => this.open());',
    '',
  ]),
  wrong('gpio: outputs stay as they are at close', outputs, [
    'agent/gpio/output.ts',
    '    this.set(false);\n',
    '',
  ]),
  wrong('gpio: each segment of a pattern adds its delay', outputs, [
    'agent/lamp/player.ts',
    'endMs - nowMs, () => this.#step(score, index + 1, endMs)',
    'segment.ms + 1, () => this.#step(score, index + 1, endMs)',
  ]),
  wrong('gpio: the same pattern begins anew', outputs, [
    'agent/lamp/switches.ts',
    'if (signal.buzzer !== buzzer) this',
    'this',
  ]),
  wrong('gpio: the strobe of our own is forgotten', 'test/scenario/gpio.test.ts', [
    'agent/terminal.ts',
    'strobe?.want(domeTarget.strobe);',
    '',
  ]),
  wrong('gpio: the queue asked of the kernel is its 16', 'test/gpio/abi.test.ts', [
    'agent/gpio/abi.ts',
    'edges ? queuedEdgesMax : 0',
    '0',
  ]),
  wrong('gpio: mains lost for 30 s is a stuck button', 'test/core/button.test.ts', [
    'agent/core/button.ts',
    " && !isCondition(setup.inputs[id]?.role ?? 'button')",
    '',
  ]),
];
