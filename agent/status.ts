// What `status` on control.sock answers: shape for the daemon, the panel and the command line, and
// how the command line words it for people.

import * as z from 'zod';
import { sessionKinds } from './core/command.ts';
import { type Mark, marks } from './core/mark.ts';
import { kinds } from './core/state.ts';
import { ladder } from './core/target.ts';

const lampWord = z.enum(['ready', 'unstored', ...ladder, 'undelivered']);
const unixMs = z.number().nonnegative();
const count = z.number().int().nonnegative();
/** null: it is real. */
const mark = z.enum(marks).nullable();

/** Plain values only; parts that an unarmed terminal has not got are null. */
export const statusReport = z.object({
  version: z.string(),
  uptimeS: z.number().nonnegative(),
  terminal: z.string().nullable(),
  /** False: no configuration, control.sock alone. */
  armed: z.boolean(),
  online: z.boolean(),
  /** Address of the broker in use, first or second; while offline of the one that is tried. */
  broker: z.string().nullable(),
  /** Ids of the button boxes; how they are is told by the faults `box.{id}.*`. */
  boxes: z.array(z.string()).optional(),
  /** Likewise serial ports with contacts, `modem.{id}.*`, and lines with modules, `modbus.{id}.*`. */
  modems: z.array(z.string()).optional(),
  modbus: z.array(z.string()).optional(),
  /** Lines of this machine; absent where none is configured. */
  gpio: z
    .object({
      /** null: there is no way to any line. */
      driver: z.enum(['chardev', 'sysfs']).nullable(),
      lines: z.array(
        z.object({
          /** Id of the input, or `lamp-red`, `buzzer`, `strobe`. */
          id: z.string(),
          /** null while the line cannot be had. */
          where: z.string().nullable(),
          /** polled: its chip has no interrupts, so the level is asked for every few milliseconds. */
          mode: z.enum(['edge', 'polled', 'output']),
          level: z.union([z.literal(0), z.literal(1)]).nullable(),
          edges: count,
          /** Edges that the kernel dropped or never told. */
          lost: count,
        }),
      ),
    })
    .optional(),
  /** Calls and viewers; absent where the configuration has neither. How the processes are is told by the
   * faults `talk.*`, `live.*` and `sound.*`. */
  sessions: z
    .array(
      z.object({
        id: z.string(),
        kind: z.enum(sessionKinds),
        role: z.string(),
        user: z.string(),
        connected: z.boolean(),
        /** Heard in the gate room. */
        speaks: z.boolean(),
      }),
    )
    .optional(),
  /** Silent ones, too: who shows this where a stranger can look must leave them out. */
  incidents: z.array(
    z.object({
      id: z.string(),
      input: z.string(),
      kind: z.enum(kinds),
      step: lampWord,
      presses: z.number().int().positive(),
      mark,
      raisedWallMs: unixMs,
    }),
  ),
  faults: z.array(z.object({ fault: z.string(), detail: z.string(), sinceWallMs: unixMs })),
  store: z
    .object({
      outboxRows: count,
      transactions: count,
      chainSeq: count,
      chainHash: z.string(),
      /** Turns that are waiting for the disk. */
      behind: count,
    })
    .nullable(),
  lamp: z
    .object({
      word: lampWord,
      silent: lampWord.nullable(),
      fault: z.boolean(),
      linkDown: z.boolean(),
      mark,
    })
    .nullable(),
  /** Presses are marked now. */
  window: z
    .object({ mark: z.enum(marks), untilWallMs: unixMs, role: z.string(), user: z.string() })
    .nullable(),
  /** What the dome should show; null where there is none. */
  dome: z
    .object({
      strobe: z.boolean(),
      siren: z.boolean(),
      /** null: it was turned by hand. */
      preset: z.enum(['alarm', 'guard']).nullable(),
    })
    .nullable(),
});
export type StatusReport = z.infer<typeof statusReport>;

/** Exit codes of `gate-agent status`; the first that applies. */
export const statusExit = { incident: 2, unarmed: 3, fault: 1, ready: 0 } as const;

export function exitOf(report: StatusReport): number {
  if (report.incidents.some(({ step }) => step !== 'resolved')) return statusExit.incident;
  if (!report.armed) return statusExit.unarmed;
  return report.faults.length > 0 || !report.online ? statusExit.fault : statusExit.ready;
}

const faultsShown = 5;

/** The report in one line, for `systemctl status`. Whoever stands at the machine may read that, so a
 * silent alarm leaves no trace in it. */
export function statusLine(report: StatusReport): string {
  if (!report.armed) return 'unarmed: no configuration';
  const open = report.incidents.filter(({ kind }) => kind !== 'silent').map(({ step }) => step);
  const faults = report.faults.map(({ fault }) => fault);
  const more = faults.length > faultsShown ? ` and ${faults.length - faultsShown} more` : '';
  const parts = ['armed', report.online ? 'link up' : 'link down'];
  if (report.window) parts.push(report.window.mark);
  if (open.length > 0) parts.push(`incidents: ${open.join(', ')}`);
  if (faults.length > 0) parts.push(`faults: ${faults.slice(0, faultsShown).join(', ')}${more}`);
  return parts.join('; ');
}

type LampWord = z.infer<typeof lampWord>;

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
  if (report.armed) lines.push(...parts(report), ...windowRows(report, wallMs));
  else lines.push(row('not armed 未布防', 'no configuration: only control.sock answers'));
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

function parts(report: StatusReport): string[] {
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
  return lines;
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
