// Asks who stands before the dome, Chinese and English, a line at a time; or nobody, as it was told
// beforehand.

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Place } from './probe/names.ts';
import type {
  Answer,
  PlaceAnswer,
  PlaceName,
  PlaceQuestion,
  Question,
  Witness,
} from './probe/witness.ts';
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
  boxes: 'its analytics tell what they see 智能分析有输出',
  person: '',
} as const;

export function questionText({ what, recipe, on, proofs }: Question): string {
  const [en, zh] = asking[what][on ? 'on' : 'off'];
  const seen = on && proofs.length > 0 ? ` (${proofs.map((one) => seenBy[one]).join(', ')})` : '';
  return `${nameOf(recipe)}${seen}\n  ${en} ${zh} [y/n] `;
}

const places: { readonly [what in PlaceName]: { readonly which: Words; readonly right: Words } } = {
  guard: {
    which: ['Where does it rest when nothing happens?', '平时看哪里(守望位)?'],
    right: ['Shall it look there when nothing happens?', '平时看这里对吗?'],
  },
  alarm: {
    which: ['Which one looks at the gate, for an alarm?', '报警时哪个预置位对准大门?'],
    right: ['Does it look at the gate now?', '现在是否对准大门?'],
  },
};

/** What fits a screen; those without a name come last. */
const listed = 20;

/** In the order of the numbers to type. */
const inOrder = (all: readonly Place[]): readonly Place[] =>
  [...all.filter(({ name }) => name !== ''), ...all.filter(({ name }) => name === '')].slice(
    0,
    listed,
  );

export function placesText({ what, places: all, suggested }: PlaceQuestion): string {
  const shown = inOrder(all);
  const [en, zh] = places[what].which;
  const rows = shown.map(
    (one, n) =>
      `  ${String(n + 1).padStart(2)}  ${one.name || '-'} (${one.token})` +
      (one === suggested ? '  <- by its name 按名称' : ''),
  );
  const more = all.length - shown.length;
  return [
    `${en} ${zh}`,
    ...rows,
    ...(more > 0
      ? [`      and ${more} more: type # and its token 另有 ${more} 个:输入 # 和编号`]
      : []),
    '  A number: it turns there, and you look. s: store where it looks now. n: none.' +
      (suggested ? ' Enter: as named.' : ''),
    `  序号:转到该处查看;s:把当前画面存为预置位;n:没有${suggested ? ';回车:按名称' : ''}`,
    '  > ',
  ].join('\n');
}

export interface AssumedOptions {
  /** A preset that has none may be stored where it looks. */
  readonly mayStore?: boolean;
}

/** Nobody is asked. Presets go by their names. */
export const assumed = (how: Assumption, { mayStore = false }: AssumedOptions = {}): Witness => ({
  isPerson: false,
  ask: async ({ proven }) => ({ yes: how === 'yes' || (how === 'proof' && proven), person: false }),
  place: async ({ suggested }) => suggested ?? (mayStore ? 'here' : null),
  looks: async (_, __, arrived) => arrived !== false,
  walk: () => {},
});

const yesWords = /^(y|yes|是|对|好)$/iu;
const noWords = /^(n|no|否|不|没有?)$/iu;

/** Somebody at a terminal. `close` when nobody is asked any more. */
export class Person implements Witness {
  readonly isPerson = true;
  readonly #out: (text: string) => void;
  readonly #lines: AsyncIterator<string>;
  readonly close: () => void;

  constructor(input: Readable, out: (text: string) => void) {
    const lines = createInterface({ input });
    this.#out = out;
    this.#lines = lines[Symbol.asyncIterator]();
    this.close = () => lines.close();
  }

  async ask(question: Question): Promise<Answer> {
    const yes = await this.confirm(questionText(question));
    return { yes: yes === true, person: yes !== null };
  }

  async place(question: PlaceQuestion): Promise<PlaceAnswer> {
    const { places: all, suggested } = question;
    for (;;) {
      const word = await this.#line(placesText(question));
      if (word === null || noWords.test(word)) return null;
      if (/^s$/i.test(word)) return 'here';
      if (word === '' && suggested) return suggested;
      const token = word.startsWith('#') ? word.slice(1) : null;
      const chosen =
        token === null
          ? inOrder(all)[/^\d+$/.test(word) ? Number(word) - 1 : -1]
          : (all.find((one) => one.token === token) ?? { token, name: '' });
      if (chosen && chosen.token !== '') return chosen;
    }
  }

  async looks(what: PlaceName, { token, name }: Place, arrived: boolean | null): Promise<boolean> {
    const told = {
      true: ' (it says that it is there 球机已到位)',
      false: ' (it did not get there 球机未到位)',
    };
    const [en, zh] = places[what].right;
    const seen = arrived === null ? '' : told[`${arrived}`];
    const text = `preset ${name || token}${seen}\n  ${en} ${zh} [y/n] `;
    return (await this.confirm(text)) === true;
  }

  walk(seconds: number): void {
    this.#out(
      `Walk past before the dome now, within ${seconds} s. 请在 ${seconds} 秒内从球机前走过。\n`,
    );
  }

  /** Asks until it is a yes or a no; null: there is nobody any more. */
  async confirm(text: string): Promise<boolean | null> {
    for (;;) {
      const word = await this.#line(text);
      if (word === null) return null;
      if (yesWords.test(word)) return true;
      if (noWords.test(word)) return false;
    }
  }

  async #line(text: string): Promise<string | null> {
    this.#out(text);
    const { value, done } = await this.#lines.next();
    return done ? null : value.trim();
  }
}
