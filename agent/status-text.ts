// `status` for people, in both languages.

import type { Mark } from './core/mark.ts';
import type { kinds } from './core/state.ts';
import type { StatusReport } from './status.ts';
import { updateText } from './update/status.ts';

type LampWord = NonNullable<StatusReport['lamp']>['word'];

const words: { readonly [W in LampWord]: string } = {
  ready: 'ready 正常待命',
  unstored: 'not stored yet 未登记',
  stored: 'stored 已登记',
  sent: 'sent 已发出',
  received: 'received 平台已收到',
  seen: 'seen 警方已看到',
  taken: 'taken 已接警',
  talking: 'talking 正在通话',
  resolved: 'resolved 已解除',
  undelivered: 'not delivered 报警未送达,请立即拨打110',
};

const kindWords: { readonly [K in (typeof kinds)[number]]: string } = {
  emergency: 'emergency 紧急报警',
  silent: 'silent 静默报警',
  medical: 'medical 医疗求助',
  fire: 'fire 火警',
  test: 'test 测试',
};

const markWords: { readonly [M in Mark]: string } = {
  drill: 'drill 演练',
  service: 'service mode 检修',
};

/** The report for people, in both languages, one thing a line. `wallMs` is now, for the ages. */
export function statusText(report: StatusReport, wallMs: number): string {
  const since = (ms: number) => age(wallMs - ms);
  const lines = [
    row(
      'terminal 一键报警终端',
      `${report.terminal ?? '-'}  ${report.version}  up ${age(report.uptimeS * 1000)}`,
    ),
  ];
  if (report.armed) lines.push(...parts(report, wallMs), ...windowRows(report, wallMs));
  else lines.push(row('not armed 未布防', 'no configuration: only control.sock answers'));
  if (report.update) lines.push(row('update 升级', updateText(report.update)));
  lines.push('', row('incidents 警情', String(report.incidents.length)));
  for (const { id, input, kind, step, presses, mark, raisedWallMs } of report.incidents) {
    const marked = mark ? `${markWords[mark]}  ` : '';
    const what = `${marked}${words[step]}  ${kindWords[kind]}  ${input}`;
    lines.push(`  ${what}  ${since(raisedWallMs)} ago  presses 按下 ${presses}  ${id}`);
  }
  lines.push(row('faults 故障', String(report.faults.length)));
  for (const { fault, detail, sinceWallMs } of report.faults) {
    lines.push(`  ${fault}  since ${clockTime(sinceWallMs)} (${since(sinceWallMs)})  ${detail}`);
  }
  return `${lines.join('\n')}\n`;
}

function parts(report: StatusReport, wallMs: number): string[] {
  const { store, dome, lamp, online, broker } = report;
  const link = online ? 'up 正常' : 'down 网络中断,按下按钮后请同时拨打110';
  const lines = [row('link 网络', `${link}  ${broker ?? '-'}`)];
  if (lamp) {
    const signs = [lamp.fault ? 'fault 故障' : '', lamp.linkDown ? 'link down 网络中断' : ''];
    signs.push(lamp.mark ? markWords[lamp.mark] : '');
    lines.push(row('lamp 指示灯', [words[lamp.word], ...signs].filter(Boolean).join('  ')));
  }
  lines.push(row('dome 球机', dome === null ? 'none 未配置' : domeText(report, dome)));
  if (report.sessions) lines.push(...sessionRows(report, report.sessions));
  for (const box of report.boxes ?? []) {
    lines.push(row('box 按钮盒', `${box}  ${health(report, `box.${box}.`)}`));
  }
  for (const modem of report.modems ?? []) {
    lines.push(row('contacts 触点', `${modem}  ${health(report, `modem.${modem}.`)}`));
  }
  for (const line of report.modbus ?? []) {
    lines.push(row('modules 模块', `${line}  ${health(report, `modbus.${line}.`)}`));
  }
  for (const line of report.gpio?.lines ?? []) lines.push(row('line 线路', lineText(line, report)));
  if (store) {
    const behind = store.behind > 0 ? `  ${store.behind} waiting for the disk 等待写盘` : '';
    const figures = `unsent 待发 ${store.outboxRows}  records 记录 ${store.chainSeq}`;
    lines.push(row('store 存储', `${figures}  ${health(report, 'storage')}${behind}`));
  }
  return [...lines, ...patrolRows(report, wallMs)];
}

function patrolRows({ patrol }: StatusReport, wallMs: number): string[] {
  if (!patrol) return [];
  const { last, running, dueWallMs } = patrol;
  const failed = last?.parts.filter(({ ok }) => !ok).map(({ part }) => part) ?? [];
  const well = failed.length === 0 ? 'passed 正常' : `failed 异常: ${failed.join(', ')}`;
  const told = last ? `${well}  ${age(wallMs - last.wallMs)} ago` : 'none yet 尚未进行';
  const next = running ? 'under way 进行中' : `next 下次 ${clockTime(dueWallMs)}`;
  return [row('patrol 每日自检', `${told}  ${next}`)];
}

function windowRows({ window }: StatusReport, wallMs: number): string[] {
  if (!window) return [];
  const { mark, untilWallMs, role, user } = window;
  const left = `${age(untilWallMs - wallMs)} left 剩余`;
  return [row('presses are 按下视为', `${markWords[mark]}  ${left}  ${role}/${user}`)];
}

function domeText(report: StatusReport, dome: NonNullable<StatusReport['dome']>): string {
  const onOff = (on: boolean) => (on ? 'on 开' : 'off 关');
  const wanted = `strobe 红蓝警示灯 ${onOff(dome.strobe)}  siren 警笛 ${onOff(dome.siren)}`;
  return `${wanted}  preset 预置位 ${dome.preset}  ${health(report, 'dome.')}`;
}

function sessionRows(report: StatusReport, sessions: NonNullable<StatusReport['sessions']>) {
  const who = (kind: 'talk' | 'live'): string[] =>
    sessions
      .filter((one) => one.kind === kind)
      .map(({ role, user, connected, speaks }) => {
        const state = connected ? (speaks ? ' speaks 发言' : '') : ' rings 呼叫中';
        return `${role}/${user}${state}`;
      });
  const soundAndTalk = ['talk.', 'sound.'].map((prefix) => health(report, prefix));
  const talk = soundAndTalk.find((text) => !text.startsWith('ok')) ?? soundAndTalk[0];
  return [
    row('talkback 语音对讲', [...who('talk'), talk].join('  ')),
    row('picture 实时画面', [...who('live'), health(report, 'live.')].join('  ')),
  ];
}

type GpioLine = NonNullable<StatusReport['gpio']>['lines'][number];

function lineText({ id, where, mode, level }: GpioLine, report: StatusReport): string {
  const of = mode === 'output' ? `output.${id}.` : `input.${id}.`;
  const how = `${where ?? 'not there 未找到'}  ${mode}  ${level ?? '-'}`;
  return `${id}  ${how}  ${health(report, of)}`;
}

/** Well, or the names of the part's faults. */
function health(report: StatusReport, prefix: string): string {
  const mine = report.faults.filter(({ fault }) => fault.startsWith(prefix));
  return mine.length === 0 ? 'ok 正常' : `fault 故障: ${mine.map(({ fault }) => fault).join(', ')}`;
}

const labelColumns = 24;

function row(label: string, value: string): string {
  // A Chinese character takes two columns of a terminal.
  const columns = [...label].reduce((sum, c) => sum + (c > '\u2e7f' ? 2 : 1), 0);
  return `${label}${' '.repeat(Math.max(1, labelColumns - columns))}${value}`;
}

/** `12 s`, `5 min`, `3 h 20 min`, `4 d 2 h`. */
export function age(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

const clockTime = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 19).replace('T', ' ').concat(' UTC');
