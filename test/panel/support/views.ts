// What a terminal may tell its panel, for tests and pictures: at rest, in an alarm, in trouble.

import { faces, linkDownFace } from '#agent/lamp/faces.ts';
import type {
  AlarmView,
  GuardView,
  InputsView,
  PanelWord,
  SystemView,
  Text,
} from '#agent/panel/api.ts';

const both = (zh: string, en: string): Text => ({ zh, en });
const faceText = (word: PanelWord): Text => both(faces[word].zh, faces[word].en);
export const linkDownText = both(linkDownFace.zh, linkDownFace.en);

const advices: { readonly [W in PanelWord]?: GuardView['advice'] } = {
  ready: {
    urgency: 'none',
    text: both('遇到危险,按下报警按钮。', 'In danger press the alarm button.'),
  },
  undelivered: {
    urgency: 'call-110',
    text: both(
      '报警没有送到。请立即用电话拨打110,说明学校和校门。',
      'The alarm has not arrived. Call 110 by telephone now and say which school and gate.',
    ),
  },
  unstored: { urgency: 'call-110', text: both('请同时拨打110。', 'Call 110 as well.') },
  taken: {
    urgency: 'watch',
    text: both(
      '民警已接警。请注意自身安全,保持通话畅通。',
      'The police are on it. Stay safe, stay near.',
    ),
  },
};
const waiting: GuardView['advice'] = {
  urgency: 'watch',
  text: both('报警正在处理,请注意自身安全。', 'The alarm is on its way. Mind your own safety.'),
};

/** The word, as the terminal tells it. */
export const saying = (word: PanelWord, sinceWallMs: number) => ({
  lamp: {
    ...({ word, text: faceText(word), sinceWallMs, mark: null } as const),
    ...{ fault: false, linkDown: false },
  },
  advice: advices[word] ?? waiting,
});

export const idle = (nowWallMs: number): GuardView => ({
  nowWallMs,
  clock: 'good',
  daemon: true,
  terminal: {
    ...{
      id: '330782-0107-01',
      school: '义乌市实验小学',
      gate: '东门',
      version: '0.1.0',
      armed: true,
    },
  },
  ...saying('ready', nowWallMs - 4 * 3_600_000),
  link: { up: true, text: both('与平台的连接正常', 'The link to the platform is up') },
  ...{ faults: [], callers: [], alarms: [past(nowWallMs)], window: null },
  lights: { strobe: false, siren: false },
  ...{ muted: false, mayClaim: false },
});

const past = (nowWallMs: number): AlarmView => ({
  ...alarmOf('taken', nowWallMs - 26 * 3_600_000),
  ...{ id: 'past', step: 'resolved', stepText: faceText('resolved') },
  resolvedWallMs: nowWallMs - 26 * 3_600_000 + 540_000,
});

export const alarmOf = (step: PanelWord, raisedWallMs: number): AlarmView => ({
  ...({ id: 'now', kind: 'emergency', kindText: both('紧急报警', 'Emergency') } as const),
  ...{ inputName: '门卫台按钮', step, stepText: faceText(step), mark: null, presses: 2 },
  ...{ raisedWallMs, resolvedWallMs: null, falseAlarm: false },
});

/** A press 12 s ago that has got so far. */
export const alarm = (word: PanelWord, nowWallMs: number): Partial<GuardView> => ({
  ...saying(word, nowWallMs - 12_000),
  alarms: [alarmOf(word, nowWallMs - 14_000), past(nowWallMs)],
  lights: { strobe: true, siren: true },
  mayClaim: true,
});

export const callers = (nowWallMs: number): GuardView['callers'] => [
  {
    text: both('市110指挥中心 王警官', '110 city, Wang'),
    speaks: true,
    sinceWallMs: nowWallMs - 8_000,
  },
  {
    text: both('校园安全平台 李', 'campus safety, Li'),
    speaks: false,
    sinceWallMs: nowWallMs - 3_000,
  },
];

export const faults = (nowWallMs: number): GuardView['faults'] => [
  {
    fault: 'uplink.down',
    text: both('与平台的连接中断。', 'The link to the platform is down.'),
    todo: both(
      '按下按钮后请同时拨打110;检查路由器电源。',
      'After pressing call 110 as well; look at the router.',
    ),
    detail: 'No link to the platform: ECONNREFUSED.',
    sinceWallMs: nowWallMs - 90_000,
  },
  {
    fault: 'dome.lost',
    text: both('球机没有应答。', 'The dome does not answer.'),
    todo: both(
      '检查球机电源和网线,通知维护人员。',
      'Look at its power and cable; tell maintenance.',
    ),
    detail: 'the dome cannot be reached (timeout)',
    sinceWallMs: nowWallMs - 3_700_000,
  },
];

export const linkDown = (nowWallMs: number): Partial<GuardView> => ({
  lamp: {
    ...({
      word: 'ready',
      text: linkDownText,
      sinceWallMs: nowWallMs - 90_000,
      mark: null,
    } as const),
    ...{ fault: true, linkDown: true },
  },
  advice: {
    urgency: 'look',
    text: both(
      '按钮仍有效,报警会在网络恢复后送出。',
      'The button still works; alarms go out when the link is back.',
    ),
  },
  link: { up: false, text: both('与平台的连接中断', 'The link to the platform is down') },
  faults: faults(nowWallMs),
});

/** The daemon does not answer. */
export const gone = (nowWallMs: number): Partial<GuardView> => ({
  daemon: false,
  lamp: {
    ...({ word: null, sinceWallMs: nowWallMs - 4_000, mark: null } as const),
    ...{ text: both('终端无应答', 'terminal not answering'), fault: true, linkDown: true },
  },
  advice: {
    urgency: 'call-110',
    text: both(
      '按下按钮后请同时拨打110,并通知维护人员。',
      'After pressing call 110 as well, and tell maintenance.',
    ),
  },
});

export const inputs = (nowWallMs: number): InputsView => ({
  inputs: (
    [
      ['desk', '门卫台按钮', 'button', 'emergency', 'normal', '未按下', 'at rest'],
      ['gate', '门口按钮', 'button', 'emergency', 'open', '线路断路', 'wire open'],
      ['mistake', '误报键', 'false-alarm', null, 'normal', '未按下', 'at rest'],
      ['mains', '市电', 'mains', null, null, '未知', 'not seen yet'],
    ] as const
  ).map(([id, name, role, kind, contact, zh, en]) => ({
    ...{ id, name, role, kind, contact, contactText: both(zh, en) },
    sinceWallMs: contact === null ? null : nowWallMs - 60_000,
  })),
});

export const system = (nowWallMs: number): SystemView => ({
  versions: { agent: '0.1.0', panel: '0.1.0', node: '24.4.0', kernel: '6.1.0-28-amd64' },
  uptimeS: 356_400,
  network: {
    hostname: 'gate-east',
    interfaces: [
      { name: 'enp1s0', mac: '00:e0:4c:68:01:02', up: true, addresses: ['192.168.1.20/24'] },
      { name: 'enp2s0', mac: '00:e0:4c:68:01:03', up: false, addresses: [] },
    ],
    ...{ gateways: ['192.168.1.1'], dns: ['192.168.1.1', '223.5.5.5'] },
    ...{ broker: 'mqtts://broker.example:8883', online: true },
  },
  clock: {
    ...({ wallMs: nowWallMs, quality: 'good', timezone: 'Asia/Shanghai' } as const),
    text: both('已同步', 'synchronised'),
  },
  certificate: {
    fingerprint:
      'A1:B2:C3:D4:E5:F6:07:18:29:3A:4B:5C:6D:7E:8F:90:A1:B2:C3:D4:E5:F6:07:18:29:3A:4B:5C:6D:7E:8F:90',
    untilWallMs: nowWallMs + 300 * 86_400_000,
    selfSigned: true,
  },
  figures: { outboxRows: 0, records: 18_204, rssMb: 88.4 },
});
