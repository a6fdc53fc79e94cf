// What each word looks and sounds like. Segments are a colour and its milliseconds; a face is lit
// segments and a dark pause, and only the pause changes where a fault blinks beside the word.
// Colours after IEC 60073; the rhythm alone tells every word, for lamps of one colour and eyes
// that do not part red from green. Flashes come at 0.4 to 0.8 Hz or 1.4 to 2.8 Hz (PEOPLE.md).

import type { LampWord } from '../core/target.ts';

export type Colour = 'R' | 'Y' | 'G' | 'B' | 'W';
export type Segment = readonly [colour: Colour | '-', ms: number];

export interface Face {
  readonly en: string;
  readonly zh: string;
  readonly looksLike: string;
  readonly lit: readonly Segment[];
  readonly pauseMs: number;
  readonly buzzer: string;
  readonly sounds: string;
}

export const silence = '0x';
/** Distinct sounds, for a box plays one only when it differs from the one before it; words that
 * follow one another without a new sound carry the same one on, so that it is not cut off. */
const registered = '1xT100';
const arrived = '1x-150.T80.-80.T80';
const answered = '1xT800';
/** 75 times 800 ms: a minute, the most that a buzzer may go on by itself. */
const alarm = '75xT500.-300';

const flashes = (count: number, colour: Colour): Segment[] =>
  Array.from({ length: count }, (): Segment[] => [
    [colour, 250],
    ['-', 250],
  ])
    .flat()
    .slice(0, -1);
const afterFlashesMs = 1500;

/** Yellow while it has not arrived, white once it has, green when a person has it, red when not. */
export const faces: { readonly [W in LampWord]: Face } = {
  ready: {
    en: 'ready',
    zh: '正常待命',
    looksLike: 'steady green, a short wink every 4 s',
    lit: [['G', 3900]],
    pauseMs: 100,
    buzzer: silence,
    sounds: '',
  },
  unstored: {
    en: 'pressed, not stored, not sent yet',
    zh: '已按下,未能登记,尚未发出',
    looksLike: 'dark; only the fault sign, every 1.5 s',
    lit: [],
    pauseMs: 1500,
    buzzer: silence,
    sounds: '',
  },
  stored: {
    en: 'stored',
    zh: '已登记',
    looksLike: 'one yellow flash, pause',
    lit: flashes(1, 'Y'),
    pauseMs: afterFlashesMs,
    buzzer: registered,
    sounds: 'one tick',
  },
  sent: {
    en: 'sent',
    zh: '已发出',
    looksLike: 'two yellow flashes, pause',
    lit: flashes(2, 'Y'),
    pauseMs: afterFlashesMs,
    buzzer: registered,
    sounds: '',
  },
  received: {
    en: 'received',
    zh: '平台已收到',
    looksLike: 'three white flashes, pause',
    lit: flashes(3, 'W'),
    pauseMs: afterFlashesMs,
    buzzer: arrived,
    sounds: 'two short beeps',
  },
  seen: {
    en: 'seen',
    zh: '警方已看到',
    looksLike: 'four white flashes, pause',
    lit: flashes(4, 'W'),
    pauseMs: afterFlashesMs,
    buzzer: arrived,
    sounds: '',
  },
  taken: {
    en: 'taken',
    zh: '已接警',
    looksLike: 'calm green: on for 2 s, off for half a second',
    lit: [['G', 2000]],
    pauseMs: 500,
    buzzer: answered,
    sounds: 'one long beep',
  },
  talking: {
    en: 'talking',
    zh: '正在通话',
    looksLike: 'green long-short, long-short, like speech',
    lit: [
      ['G', 1000],
      ['-', 200],
      ['G', 200],
    ],
    pauseMs: 400,
    buzzer: answered,
    sounds: '',
  },
  resolved: {
    en: 'resolved',
    zh: '已解除',
    looksLike: 'green dying away: long, middle, short, then dark',
    lit: [
      ['G', 1200],
      ['-', 250],
      ['G', 600],
      ['-', 250],
      ['G', 300],
    ],
    pauseMs: 1600,
    buzzer: silence,
    sounds: '',
  },
  undelivered: {
    en: 'not delivered, call 110 now',
    zh: '报警未送达,请立即拨打110',
    looksLike: 'red, fast (2.5 a second), without pause',
    lit: [['R', 200]],
    pauseMs: 200,
    buzzer: alarm,
    sounds: 'loud alarm, one minute',
  },
};

/** Shown instead of *ready* while the line to the platform is down. */
export const linkDownFace: Face = {
  en: 'link down; press and call 110 as well',
  zh: '网络中断,按下按钮后请同时拨打110',
  looksLike: 'slow yellow: 1 s on, 1 s off',
  lit: [['Y', 1000]],
  pauseMs: 1000,
  buzzer: silence,
  sounds: '',
};
