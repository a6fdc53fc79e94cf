// From a lamp target to the pattern strings of config/button-box.md, and the table of the README.
// Never more than the target says: a word that is not known is not shown.

import type { Mark } from '../core/mark.ts';
import type { LampTarget, LampWord } from '../core/target.ts';
import { type Face, faces, linkDownFace, type Segment, silence } from './faces.ts';

export interface Signal {
  readonly lamp: string;
  readonly buzzer: string;
}

/** The fault sign: two glints, far shorter than any flash of a word, with dark around them. */
const glints: readonly Segment[] = [
  ['Y', 80],
  ['-', 120],
  ['Y', 80],
];
const glintsMs = 280;
const darkAroundMs = 300;
/** *Not delivered* has no pause to put the fault sign into, so it gets one after so many flashes. */
const alarmFlashes = 6;
const alarmDarkMs = 500;

/** Behind the word, blue and slow: nobody shall count it as a flash of the word.
 * On a lamp of one colour it is a dash behind dots. */
const dash: Segment = ['B', 700];
const dashes: { readonly [M in Mark]: number } = { drill: 1, service: 2 };
const aroundDashMs = 600;

/** A wink this much shorter than the eye expects is seen by who looks for it and by nobody else. */
const winkMs = 100;
const betweenWinksMs = 200;

/** What lamp and buzzer do for a target. */
export function signalOf(target: LampTarget): Signal {
  const face = target.word === 'ready' && target.linkDown ? linkDownFace : faces[target.word];
  const winks = target.word === 'ready' ? discreetWinks(target.silent) : 0;
  const fault = target.fault || target.word === 'unstored';
  const cycle = cycleOf(face, winks, fault);
  const buzzer = target.muted ? silence : face.buzzer;
  return { lamp: patternOf(marked(cycle, target.mark)), buzzer };
}

/** A silent incident adds one wink, an undelivered one two: no other light, and never a sound. */
function discreetWinks(silent: LampWord | null): number {
  if (silent === null || silent === 'ready' || silent === 'resolved') return 0;
  return silent === 'undelivered' ? 2 : 1;
}

function cycleOf(face: Face, winks: number, fault: boolean): Segment[] {
  const lit = withWinks(face.lit, winks);
  if (!fault) return [...lit, ['-', face.pauseMs]];
  if (face === faces.undelivered) return undeliveredWithFault(face);
  const before = Math.max(darkAroundMs, Math.floor((face.pauseMs - glintsMs) / 2));
  const after = Math.max(darkAroundMs, face.pauseMs - glintsMs - before);
  return [...lit, ['-', before], ...glints, ['-', after]];
}

/** Word, fault sign and pause stay what they are; the mark comes behind them. */
function marked(cycle: readonly Segment[], mark: Mark | null): Segment[] {
  if (mark === null) return [...cycle];
  const dark: Segment = ['-', aroundDashMs];
  const signs = Array.from({ length: dashes[mark] }, (): Segment[] => [dash, dark]).flat();
  const last = cycle.at(-1);
  const pause = last?.[0] === '-' ? last[1] : 0;
  const lit = pause > 0 ? cycle.slice(0, -1) : cycle;
  return [...lit, ['-', Math.max(pause, aroundDashMs)], ...signs];
}

function undeliveredWithFault({ lit, pauseMs }: Face): Segment[] {
  const flash: Segment[] = [...lit, ['-', pauseMs]];
  const flashes = Array.from({ length: alarmFlashes }, () => flash)
    .flat()
    .slice(0, -1);
  return [...flashes, ['-', alarmDarkMs], ...glints, ['-', alarmDarkMs]];
}

/** Winks are cut out of the end of the lit part; the cycle keeps its length. */
function withWinks(lit: readonly Segment[], winks: number): Segment[] {
  const last = lit.at(-1);
  if (winks === 0 || !last) return [...lit];
  const [colour, ms] = last;
  const cut = Array.from({ length: winks }, (): Segment[] => [
    ['-', winkMs],
    [colour, betweenWinksMs],
  ]).flat();
  return [...lit.slice(0, -1), [colour, ms - winks * (winkMs + betweenWinksMs)], ...cut];
}

export const patternOf = (segments: readonly Segment[]): string =>
  segments.map(([colour, ms]) => `${colour}${ms}`).join('.');

/** Every colour for its time, and two beeps: what `test.lamp` shows. */
export const testShownMs = 4000;
export const testSignal: Signal = {
  lamp: 'R600.-100.Y600.-100.G600.-100.B600.-100.W600.-600',
  buzzer: '2xT400.-200',
};

export interface LampRow {
  readonly word: string;
  readonly zh: string;
  readonly en: string;
  readonly lamp: string;
  readonly buzzer: string;
  readonly looksLike: string;
}

const idle: LampTarget = {
  ...{ word: 'ready', silent: null, fault: false, linkDown: false },
  mark: null,
};
const wordsInOrder: readonly LampWord[] = [
  'ready',
  'stored',
  'sent',
  'received',
  'seen',
  'taken',
  'talking',
  'resolved',
  'undelivered',
  'unstored',
];

/** The README's lamp table: every word, and the signs beside words. */
export function lampTable(): LampRow[] {
  const row = (
    word: string,
    face: Omit<Face, 'lit' | 'pauseMs' | 'buzzer'>,
    target: LampTarget,
  ) => {
    const looksLike = face.sounds ? `${face.looksLike}; ${face.sounds}` : face.looksLike;
    return { word, zh: face.zh, en: face.en, ...signalOf(target), looksLike };
  };
  const sign = (en: string, zh: string, looksLike: string) => ({ en, zh, looksLike, sounds: '' });
  return [
    ...wordsInOrder.map((word) => row(word, faces[word], { ...idle, word })),
    row('link down', linkDownFace, { ...idle, linkDown: true }),
    row(
      'fault',
      sign('a fault, beside any word', '故障', 'two yellow glints in the pause of what is shown'),
      { ...idle, fault: true },
    ),
    row('silent', sign('silent alarm under way', '静默报警', 'as ready, but a double wink'), {
      ...idle,
      silent: 'stored',
    }),
    row(
      'silent, undelivered',
      sign('silent alarm not delivered', '静默报警未送达', 'as ready, but a triple wink'),
      { ...idle, silent: 'undelivered' },
    ),
    row('drill', sign('a drill, behind any word', '演练', 'one long blue light behind the word'), {
      ...idle,
      mark: 'drill',
    }),
    row(
      'service',
      sign('service mode, behind any word', '检修', 'two long blue lights behind the word'),
      { ...idle, mark: 'service' },
    ),
  ];
}

export { silence };
