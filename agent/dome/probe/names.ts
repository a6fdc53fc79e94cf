// What names tell: which auxiliary commands and presets belong together as on and off, and which thing they
// seem to be about. Names are free text; what they promise is tried before it is believed.

import type { DomeFunction } from '../profile.ts';

const endOn = /^(.*?)[\s|_=/:.-]*(on|1|start|enable|open|开启?|启动)$/iu;
const endOff = /^(.*?)[\s|_=/:.-]*(off|0|stop|disable|close|关闭?|停止)$/iu;
const beginOn = /^(start|enable|open|开启|打开|启动)[\s_]*(.+)$/iu;
const beginOff = /^(stop|disable|close|关闭|停止)[\s_]*(.+)$/iu;

interface Word {
  readonly stem: string;
  readonly on: boolean;
}

function wordOf(name: string): Word | null {
  const trimmed = name.trim();
  const ends = [endOn.exec(trimmed)?.[1], endOff.exec(trimmed)?.[1]];
  const begins = [beginOn.exec(trimmed)?.[2], beginOff.exec(trimmed)?.[2]];
  for (const [on, off] of [ends, begins]) {
    const stem = on ?? off;
    if (stem) return { stem: stem.toLowerCase(), on: on !== undefined };
  }
  return null;
}

export interface Pair<T> {
  readonly stem: string;
  readonly on: T;
  readonly off: T;
}

/** Whatever has both halves, in the order of the first. */
export function pairsOf<T>(all: readonly T[], nameOf: (one: T) => string): Pair<T>[] {
  const halves = new Map<string, { on?: T; off?: T }>();
  for (const one of all) {
    const word = wordOf(nameOf(one));
    if (!word) continue;
    const half = halves.get(word.stem) ?? {};
    halves.set(word.stem, { ...half, [word.on ? 'on' : 'off']: one });
  }
  return [...halves].flatMap(([stem, { on, off }]) =>
    on === undefined || off === undefined ? [] : { stem, on, off },
  );
}

/** What a stem speaks of. `light` comes last: an alarm light is none to see by. */
const speaks: readonly (readonly [DomeFunction, RegExp])[] = [
  [
    'strobe',
    /strobe|flash|(alarm|warn\w*|police)[\s_-]*(light|lamp)|red[\s_/-]*blue|警灯|爆闪|红蓝|闪光/iu,
  ],
  ['siren', /siren|horn|buzzer|speaker|sound|audio|警笛|警号|喇叭|声音/iu],
  ['tracking', /track|跟踪|追踪/iu],
  ['wiper', /wiper|雨刷/iu],
  ['light', /light|lamp|illum|infrared|补光|红外|灯/iu],
];

/** Never tried: what it might do cannot be taken back, or is none of ours. */
const untouched =
  /reboot|restart|reset|default|factory|format|wash|heat|defog|fan\b|upgrade|shutdown/iu;

/** Null: it may be anything. Undefined: hands off. */
export function aboutOf(stem: string): DomeFunction | null | undefined {
  if (untouched.test(stem)) return undefined;
  return speaks.find(([, word]) => word.test(stem))?.[0] ?? null;
}

const guardWords = /guard|home|守望|值守/iu;
const alarmWords = /alarm|报警|警情/iu;

export interface Place {
  readonly token: string;
  readonly name: string;
}

/** Presets that are places to look at, and no switches by their names. */
export function placesOf<P extends Place>(presets: readonly P[]): readonly P[] {
  const switches = pairsOf(presets, ({ name }) => name).flatMap(({ on, off }) => [on, off]);
  return presets.filter((one) => !switches.includes(one));
}

/** The one whose name says that it is for this. */
export function placeFor<P extends Place>(what: 'alarm' | 'guard', places: readonly P[]): P | null {
  const words = what === 'alarm' ? alarmWords : guardWords;
  return places.find(({ name }) => words.test(name)) ?? null;
}
