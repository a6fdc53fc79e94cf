// What the panel says to people, in both languages: what a fault is, who talks, what to do.
// The words of the ladder are the lamp's own (lamp/faces.ts).

import { kindWords, ladderWords, markWords, type Word } from '../contract/words.ts';
import type { Mark } from '../core/mark.ts';
import type { Kind } from '../core/state.ts';
import { faces, linkDownFace } from '../lamp/faces.ts';
import type { PanelWord, Problem, Text } from './api.ts';

const text = ([zh, en]: Word): Text => ({ zh, en });
const say = (zh: string, en: string): Text => ({ zh, en });

export const kindText = (kind: Kind): Text => text(kindWords[kind]);
export const markText = (mark: Mark): Text => text(markWords[mark]);
export const stepText = (step: PanelWord): Text => {
  if (step in ladderWords) return text(ladderWords[step as keyof typeof ladderWords]);
  const { zh, en } = faces[step];
  return { zh, en };
};

export const lampText = (word: PanelWord, linkDown: boolean): Text => {
  const { zh, en } = word === 'ready' && linkDown ? linkDownFace : faces[word];
  return { zh, en };
};

export const lampTexts = {
  silent: say('终端程序无应答', 'the terminal does not answer'),
  unarmed: say('尚未配置', 'not set up yet'),
} as const;

const tellInstaller = say('通知安装人员', 'Tell the installer');
const call110 = '请立即拨打110';

export const advices = {
  none: say('无需操作', 'Nothing to do'),
  silent: say(
    '按钮可能不起作用:遇紧急情况请直接拨打110,并通知安装人员',
    'The buttons may not work: in an emergency call 110 by telephone, and tell the installer',
  ),
  unarmed: say('没有按钮在工作:通知安装人员', 'No button is watched: tell the installer'),
  linkDown: say(
    '按下按钮后请同时拨打110;通知安装人员',
    'If you press the button, call 110 as well; tell the installer',
  ),
  fault: say('按钮可用;请通知安装人员', 'The buttons work; tell the installer'),
  undelivered: say(`报警未送达,${call110}`, 'The alarm was not delivered: call 110 now'),
  noLink: say(`网络中断,${call110}`, 'The link is down: call 110 now'),
  sending: say('正在发出,请稍候', 'It is being sent, wait a moment'),
  received: say('平台已收到,等待警方查看', 'The platform has it; the police will look at it'),
  seen: say('警方已看到,请保持电话畅通', 'The police have seen it; keep the telephone free'),
  taken: say('民警已接警,请保持通话', 'An officer has taken it; stay on the line'),
  talking: say('请与民警通话', 'Talk with the officer'),
  resolved: say('警情已解除', 'It is over'),
  drill: say('这是演练', 'This is a drill'),
  service: say('正在检修,按下不会出警', 'Service: presses dispatch nobody'),
} as const;

export const linkText = (isUp: boolean): Text =>
  isUp ? say('网络正常', 'link up') : text(['网络中断', 'link down']);

export const contactTexts = {
  normal: say('正常', 'at rest'),
  pressed: say('已按下', 'pressed'),
  short: say('线路短路', 'short circuit'),
  open: say('线路断路', 'open loop'),
  tamper: say('被拆动', 'tamper'),
  none: say('尚未收到', 'not seen yet'),
} as const;

export const clockText = (quality: 'good' | 'unknown'): Text =>
  quality === 'good'
    ? say('时间已同步', 'kept by a time server')
    : say('时间未同步', 'not kept by a time server');

const roleNames: { readonly [role: string]: Word } = {
  platform: ['平台', 'the platform'],
  '110-city': ['110指挥中心', '110 centre'],
  '110-district': ['110分中心', '110 district'],
  'police-video': ['公安视频', 'police video'],
  campus: ['校园安全平台', 'campus safety'],
  school: ['学校', 'the school'],
  installer: ['安装人员', 'installer'],
  local: ['本机', 'here'],
};

export const callerText = (role: string, user: string): Text => {
  const [zh, en] = roleNames[role] ?? [role, role];
  return { zh: `${zh} ${user}`, en: `${en} ${user}` };
};

interface Fault {
  readonly pattern: RegExp;
  readonly text: Text;
  readonly todo: Text;
}

const fault = (pattern: RegExp, what: Word, todo: Word): Fault => ({
  ...{ pattern, text: text(what), todo: text(todo) },
});
const lookAt: Word = [
  '查看按钮和线缆,通知安装人员',
  'Look at button and cable; tell the installer',
];
const installer: Word = [tellInstaller.zh, tellInstaller.en];

/** The most urgent first; the first that fits a fault's name. */
const faults: readonly Fault[] = [
  fault(
    /^storage\./,
    ['记录无法写入硬盘', 'the disk takes no records'],
    ['报警仍会发出;请尽快更换硬盘', 'Alarms still go out; have the disk replaced soon'],
  ),
  fault(/\.stuck$/, ['按钮卡住', 'a button is stuck'], ['松开按钮', 'Release the button']),
  fault(/^input\..*\.(short|open)$/, ['按钮线路故障', 'wiring fault of a button'], lookAt),
  fault(/^input\..*\.tamper$/, ['按钮被拆动', 'a button has been opened'], lookAt),
  fault(
    /^input\..*\.mains$/,
    ['市电中断,电池供电', 'mains lost, on battery'],
    ['检查插头和保险', 'Look at plug and fuse'],
  ),
  fault(/^input\..*\.battery$/, ['电池电量低或损坏', 'battery low or broken'], installer),
  fault(
    /^input\..*\.cabinet-door$/,
    ['机箱门被打开', 'the cabinet door is open'],
    ['查看是谁并关门', 'Look who is there, and close it'],
  ),
  fault(
    /^(box|modem|modbus|input|gpio)\./,
    ['按钮盒失联', 'the button box does not answer'],
    lookAt,
  ),
  fault(
    /^(uplink|broker)\./,
    ['与平台的连接故障', 'trouble with the line to the platform'],
    ['按下按钮后请同时拨打110', 'If you press the button, call 110 as well'],
  ),
  fault(
    /^panel\.guessing$/,
    ['有人在试猜密码', 'somebody is guessing the PIN'],
    ['查看面板前是谁', 'Look who stands at the panel'],
  ),
  fault(/^dome\./, ['球机故障', 'trouble with the dome'], installer),
  fault(
    /^(talk|sound)\./,
    ['对讲或声音故障', 'trouble with talkback or sound'],
    ['报警时请用电话', 'Use the telephone in an alarm'],
  ),
  fault(
    /^(live|clip|evidence|export)\./,
    ['画面或录像故障', 'trouble with picture or recording'],
    installer,
  ),
  fault(/^output\./, ['指示灯或蜂鸣器故障', 'trouble with lamp or buzzer'], installer),
  fault(/^config\./, ['配置有误', 'the configuration is wrong'], installer),
];
const otherFault = fault(/^/, ['设备故障', 'something is out of order'], installer);

/** In plain words; `rank`: the lower, the more urgent. */
export function faultWords(name: string): { text: Text; todo: Text; rank: number } {
  const rank = faults.findIndex(({ pattern }) => pattern.test(name));
  const { text, todo } = faults[rank] ?? otherFault;
  return { text, todo, rank: rank < 0 ? faults.length : rank };
}

export const problemTexts: { readonly [P in Problem]: Text } = {
  malformed: say('请求有误', 'The request is malformed'),
  'no-session': say('请输入密码', 'Enter the PIN'),
  'wrong-pin': say('密码错误', 'The PIN is wrong'),
  'wrong-origin': say('请求来自别的网页', 'The request comes from another page'),
  'not-found': say('没有这一项', 'There is no such thing'),
  'wrong-method': say('方法不对', 'Not with this method'),
  'incident-open': say('有未解除的警情,现在不能操作', 'Not while an alarm is open'),
  busy: say('正忙,请稍后再试', 'Something else is under way; try again later'),
  'too-large': say('请求过大', 'The request is too large'),
  'wrong-type': say('请求类型不对', 'The request is of the wrong type'),
  'wrong-host': say('地址不对', 'This is not the address of this terminal'),
  'too-many': say('尝试过多,请稍候', 'Too many tries; wait'),
  failed: say('操作失败', 'It failed'),
  'no-daemon': say('终端程序无应答', 'The terminal does not answer'),
  'no-picture': say('没有画面', 'There is no picture'),
  'no-pin': say('尚未设置密码:请安装人员设置', 'No PIN has been set: the installer has to set one'),
};
