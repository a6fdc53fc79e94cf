// Asks who stands before the dome, Chinese and English, a line at a time; or nobody, as it was told
// beforehand.

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Answer, Question } from './probe/probe.ts';
import { type DomeFunction, nameOf } from './profile.ts';

export const assumptions = ['yes', 'no', 'proof'] as const;
/** `yes`: what the dome does not refuse works. `proof`: what a machine has seen does. `no`: nothing is
 * switched. */
export type Assumption = (typeof assumptions)[number];

type Words = readonly [en: string, zh: string];
const asking: { readonly [what in DomeFunction]: { readonly on: Words; readonly off: Words } } = {
  strobe: {
    on: ['Is the red/blue light flashing?', '红蓝警示灯是否在闪烁?'],
    off: ['Is it dark again?', '警示灯是否已熄灭?'],
  },
  siren: {
    on: ['Does the siren sound?', '警笛是否在响?'],
    off: ['Is it silent again?', '警笛是否已停止?'],
  },
  tracking: {
    on: ['Does the dome follow whoever walks by?', '球机是否在追踪走动的人?'],
    off: ['Does it stand still again?', '球机是否已停止追踪?'],
  },
  wiper: {
    on: ['Does the wiper move?', '雨刷是否在动?'],
    off: ['Does it rest again?', '雨刷是否已停止?'],
  },
  light: {
    on: ['Is the infrared or white lamp on?', '补光灯是否亮了?'],
    off: ['Is it off again?', '补光灯是否已熄灭?'],
  },
  dayNight: {
    on: ['Is the picture in colour?', '画面是否为彩色?'],
    off: ['Is it as before?', '画面是否恢复原样?'],
  },
};

const seenBy = {
  picture: 'seen in the picture 画面可见',
  'read-back': 'the dome says so 球机回读',
  'relay-event': 'its relay has moved 继电器已动作',
  person: '',
} as const;

export function questionText({ what, recipe, on, proofs }: Question): string {
  const [en, zh] = asking[what][on ? 'on' : 'off'];
  const seen = on && proofs.length > 0 ? ` (${proofs.map((one) => seenBy[one]).join(', ')})` : '';
  return `${nameOf(recipe)}${seen}\n  ${en} ${zh} [y/n] `;
}

export const assumed =
  (how: Assumption) =>
  async ({ proven }: Question): Promise<Answer> => ({
    yes: how === 'yes' || (how === 'proof' && proven),
    person: false,
  });

const yesWords = /^(y|yes|是|对|好)$/iu;
const noWords = /^(n|no|否|不|没有?)$/iu;

/** Somebody at a terminal. `close` when nobody is asked any more. */
export class Person {
  readonly #out: (text: string) => void;
  readonly #lines: AsyncIterator<string>;
  readonly close: () => void;

  constructor(input: Readable, out: (text: string) => void) {
    const lines = createInterface({ input });
    this.#out = out;
    this.#lines = lines[Symbol.asyncIterator]();
    this.close = () => lines.close();
  }

  /** Asks until it is a yes or a no; who has gone says no. */
  readonly ask = async (question: Question): Promise<Answer> => {
    for (;;) {
      this.#out(questionText(question));
      const { value, done } = await this.#lines.next();
      if (done) return { yes: false, person: false };
      const word = value.trim();
      if (yesWords.test(word)) return { yes: true, person: true };
      if (noWords.test(word)) return { yes: false, person: true };
    }
  };
}
