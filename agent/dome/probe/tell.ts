// What a person reads while a dome is probed and afterwards: who it is, what is tried, what came of it, and
// what goes into the configuration. English and Chinese.

import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { printable } from '../discover/ws-discovery.ts';
import { type DomeFunction, type Following, functions, nameOf, type Profile } from '../profile.ts';
import type { Abilities } from './abilities.ts';
import type { Probed } from './probe.ts';
import type { Try } from './witness.ts';

const names: { readonly [what in Try['what']]: string } = {
  strobe: 'strobe 红蓝警示灯',
  siren: 'siren 警笛',
  tracking: 'tracking 智能追踪',
  wiper: 'wiper 雨刷',
  light: 'light 补光灯',
  dayNight: 'day/night 日夜切换',
  'alarm preset': 'alarm preset 报警预置位',
  'guard preset': 'guard preset 守望位',
};

const outcomes: { readonly [outcome in Try['outcome']]: string } = {
  works: 'works 有效',
  'not-seen': 'no effect 无效',
  refused: 'refused 不支持',
  'stays-on': 'cannot be switched off 无法关闭',
};

export function headText(abilities: Abilities, url: string, maker: Profile | null): string {
  const { device, login, relays, deviceAuxiliary, ptzAuxiliary, presets, audioClips } = abilities;
  const { manufacturer, model, firmware } = device;
  const has = [
    [relays.length, 'relays 继电器'],
    [deviceAuxiliary.length + ptzAuxiliary.length, 'auxiliary commands 辅助命令'],
    [audioClips.length, 'clips of sound 音频'],
    [presets.length, 'presets 预置位'],
  ] as const;
  const told = has.filter(([count]) => count > 0).map(([count, what]) => `${what}: ${count}`);
  const ready = maker ? `; also tried: the ways of config/domes for ${maker.make}` : '';
  return (
    `${printable(`${manufacturer} ${model}`) || 'A dome'}, firmware ${printable(firmware)}, at ${url}, ` +
    `login ${login}\n` +
    `It names ${told.join(', ') || 'nothing to switch'}${ready}.\n` +
    'Each way is switched on for a moment and off again: watch and listen at the dome. ' +
    '每种方式会短暂打开再关闭,请留意球机。\n'
  );
}

export const waysText = (what: DomeFunction, ways: number): string =>
  ways === 0
    ? `${names[what]}: the dome names nothing for it 无可用方式\n`
    : `${names[what]}: ${ways} ${ways === 1 ? 'way' : 'ways'} to try 共 ${ways} 种方式\n`;

export function outcomeText({ what, recipe, outcome, detail }: Try): string {
  const more = detail === '' ? '' : ` (${printable(detail, 200)})`;
  const isPlace = what === 'alarm preset' || what === 'guard preset';
  const word = isPlace && outcome === 'not-seen' ? 'not taken 未采用' : outcomes[outcome];
  return `  ${printable(recipe, 200)}: ${word}${more}\n`;
}

const proofWords = {
  person: 'seen by you 人工确认',
  picture: 'seen in the picture 画面可见',
  'read-back': 'told by the dome 球机回读',
  'relay-event': 'its relay moved 继电器动作',
  boxes: 'told by its analytics 智能分析有输出',
} as const;

function recipeText(one: Following): string {
  const { proven = [] } = one;
  const by = proven.map((proof) => proofWords[proof]).join(', ') || 'not proven 未验证';
  return `${printable(nameOf(one), 200)}: ${by}`;
}

/** Why there is nothing for it: none was named, none did it, or nobody was there to see. */
function withoutText(what: DomeFunction, { tries, attended }: Probed): string {
  const mine = tries.filter((one) => one.what === what);
  if (mine.length === 0) return 'cannot, the dome names nothing for it 无可用方式';
  if (attended || !mine.some(({ outcome }) => outcome === 'not-seen'))
    return `cannot, none of ${mine.length} tried did it 均无效`;
  return 'not proven by a machine, probe again with a person 未验证,请人工再试';
}

/** What works and how that is known, and what this model cannot do. */
export function resultText(probed: Probed): string {
  const { recipes, preset, abilities } = probed;
  const rows = functions.flatMap((what) => {
    const [first, ...more] = recipes[what].map(recipeText);
    return [
      `  ${names[what]}: ${first ?? withoutText(what, probed)}`,
      ...more.map((text) => `      else 备用: ${text}`),
    ];
  });
  const places = (['alarm', 'guard'] as const).map(
    (what) => `  ${names[`${what} preset`]}: ${preset[what] ?? 'none 无'}`,
  );
  const hints = [
    ...(recipes.strobe.length === 0 ? [noStrobe] : []),
    ...(recipes.tracking.length === 0 && abilities.moves && !abilities.tellsWhatItSees
      ? [noBoxes]
      : []),
  ];
  return `${['Result 结果', ...rows, ...places, ...hints].join('\n')}\n`;
}

const noStrobe =
  '  No way to light the strobe: wire it to a relay of the dome, or of this computer (gpio.strobe), and ' +
  'probe again. 未找到点亮警示灯的方式:请接到球机或本机的继电器后重试。';
const noBoxes =
  "  Nobody will be followed: switch on analytics and metadata in the dome's web page, and probe again. " +
  '无法追踪:请在球机网页中开启智能分析和元数据后重试。';

export interface Written {
  readonly url: string;
  readonly out: string | null;
  readonly caFile: string | null;
  readonly username: string;
  readonly passwordFile: string;
}

/** The part of the configuration that names this dome. */
export function configText({ url, out, caFile, username, passwordFile }: Written): string {
  if (out === null) return '';
  const dome = {
    url: url.replace(/\/onvif\/device_service$/, ''),
    ...(caFile === null ? {} : { ca: resolve(caFile) }),
    ...{ username, passwordFile: resolve(passwordFile), profile: resolve(out) },
  };
  const yaml = stringify({ dome }, { lineWidth: 0 }).replace(/^/gm, '  ').trimEnd();
  return (
    `Next 下一步: put this into gate-agent.yaml, then gate-agent check-config ` +
    `写入 gate-agent.yaml 后执行 check-config\n${yaml}\n`
  );
}
