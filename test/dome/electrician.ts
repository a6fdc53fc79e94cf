// Who stands before a simulated dome and reads the probe's questions: answers each at the keyboard, by what
// the simulator's own state shows.

import { PassThrough } from 'node:stream';
import type { SimDome } from '#agent/sim/dome/dome.ts';

type Sense = readonly [question: RegExp, answer: (sim: SimDome) => boolean];

const senses: readonly Sense[] = [
  [/light flashing\?/, ({ actuators }) => actuators.strobe],
  [/Is it dark again\?/, ({ actuators }) => !actuators.strobe],
  [/Does the siren sound\?/, ({ actuators }) => actuators.siren],
  [/Is it silent again\?/, ({ actuators }) => !actuators.siren],
  [/follow whoever walks by\?/, ({ actuators }) => actuators.tracking],
  [/stand still again\?/, ({ actuators }) => !actuators.tracking],
  [/Does the wiper move\?/, ({ actuators }) => actuators.wiper],
  [/Does it rest again\?/, ({ actuators }) => !actuators.wiper],
  [/lamp on\?/, ({ actuators }) => actuators.light],
  [/Is it off again\?/, ({ actuators }) => !actuators.light],
  [/picture in colour\?/, ({ imaging }) => imaging.irCutFilter === 'ON'],
  [/Is it as before\?/, ({ imaging }) => imaging.irCutFilter !== 'ON'],
];

export interface Orders {
  /** What he types to `Where does it rest` and `Which one looks at the gate`, in turn. */
  readonly guard: readonly string[];
  readonly alarm: readonly string[];
  /** Whether it looks where it should, and whether a certificate is the dome's. */
  readonly content?: (sim: SimDome) => boolean;
  readonly trusts?: boolean;
}

export class Electrician {
  readonly input = new PassThrough();
  /** All that was on the screen, and what he typed. */
  screen = '';
  readonly #sim: SimDome;
  readonly #orders: Orders;
  readonly #typed = { guard: 0, alarm: 0 };

  constructor(sim: SimDome, orders: Orders) {
    this.#sim = sim;
    this.#orders = orders;
  }

  /** What the probe prints. */
  readonly reads = (text: string): void => {
    this.screen += text;
    if (!text.endsWith('[y/n] ') && !text.endsWith('> ')) return;
    const answer = this.#answer(text);
    this.screen += `${answer}\n`;
    this.input.write(`${answer}\n`);
  };

  #answer(text: string): string {
    if (text.endsWith('> ')) {
      const what = text.startsWith('Where does it rest') ? 'guard' : 'alarm';
      return this.#orders[what][this.#typed[what]++] ?? 'n';
    }
    const sense = senses.find(([question]) => question.test(text));
    const { content = () => true, trusts = false } = this.#orders;
    const yes = sense?.[1](this.#sim) ?? (/Trust it/.test(text) ? trusts : content(this.#sim));
    return yes ? 'y' : 'n';
  }
}
