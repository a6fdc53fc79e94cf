// One screen: every part, what is wrong with it, why, and what to do. Asks the daemon, and looks by itself
// where the daemon cannot say, be it because it is dead.

import type { Config } from '../../config.ts';
import type { Word } from '../../contract.ts';
import { ControlFailed } from '../../control.ts';
import { type StatusReport, statusReport } from '../../status.ts';
import { adviceOn } from './advice.ts';
import {
  type LooksParts,
  lookAtCertificate,
  lookAtClock,
  lookAtConfig,
  lookAtData,
  lookAtPorts,
  type Seen,
  type Trouble,
} from './looks.ts';

export interface DoctorParts extends LooksParts {
  readonly ask: (verb: string) => Promise<unknown>;
  readonly socket: string;
  /** What the service manager says of the unit: `active`, `failed` ..; null: there is none. */
  readonly unit: () => Promise<string | null>;
}

export interface Diagnosis {
  readonly terminal: string | null;
  readonly parts: readonly Seen[];
  /** The daemon answers, and is armed. */
  readonly isAlive: boolean;
}

/** Beside those of the command line. */
export const doctorExits = { well: 0, troubles: 1, dead: 2 } as const;

export async function diagnose(parts: DoctorParts): Promise<Diagnosis> {
  const { report, seen } = await lookAtDaemon(parts);
  const { seen: configured, config } = lookAtConfig(parts);
  const isAlive = report?.armed === true;
  const told = report ? faultsOf(report) : [];
  return {
    ...{ terminal: report?.terminal ?? config?.terminal.id ?? null, isAlive },
    parts: merged([seen, configured, ...own(parts, config, isAlive), ...told]),
  };
}

/** What the daemon holds open it tells itself. */
const own = (parts: DoctorParts, config: Config | null, isAlive: boolean): Seen[] => [
  ...(config ? [lookAtData(config, parts.freeMb)] : []),
  ...(config ? [lookAtCertificate(config, parts.clock.wallMs)] : []),
  ...(config && !isAlive ? [lookAtPorts(config)] : []),
  lookAtClock(parts),
];

async function lookAtDaemon(
  parts: DoctorParts,
): Promise<{ seen: Seen; report: StatusReport | null }> {
  const part: Word = ['守护进程', 'daemon'];
  try {
    const report = statusReport.parse(await parts.ask('status'));
    const { version, uptimeS, armed } = report;
    const troubles = armed ? [] : [unarmed];
    return {
      report,
      seen: { part, well: `${version}, up ${Math.round(uptimeS / 60)} min`, troubles },
    };
  } catch (error) {
    if (!(error instanceof ControlFailed)) throw error;
    return { report: null, seen: { part, well: '', troubles: [await whyDead(error, parts)] } };
  }
}

const unarmed: Trouble = {
  what: ['终端没有配置,按钮不起作用', 'the terminal is not configured: no button works'],
  why: null,
  todo: ['执行 gate-agent provision', 'run gate-agent provision'],
};

async function whyDead(
  { reason, message }: ControlFailed,
  { unit }: DoctorParts,
): Promise<Trouble> {
  if (reason === 'no-access')
    return {
      what: ['当前用户无权询问守护进程', 'this user may not ask the daemon'],
      why: message,
      todo: ['用 sudo 执行,或加入 gate-agent 组', 'use sudo, or join the group gate-agent'],
    };
  if (reason !== 'not-running')
    return {
      what: ['守护进程没有应答', 'the daemon runs and does not answer'],
      why: message,
      todo: ['执行 systemctl restart gate-agent', 'run: systemctl restart gate-agent'],
    };
  const state = await unit();
  const log = 'journalctl -u gate-agent -n 50';
  return {
    what: ['守护进程没有运行,报警按钮不起作用', 'the daemon does not run: no button works'],
    why: state === null ? message : `its unit is ${state}`,
    todo:
      state === 'failed' || state === 'activating'
        ? [`查看 ${log}`, `look why: ${log}`]
        : ['执行 systemctl enable --now gate-agent', 'run: systemctl enable --now gate-agent'],
  };
}

function faultsOf({ faults, online, broker }: StatusReport): Seen[] {
  const told = faults.map(({ fault, detail }): Seen => {
    const { part, what, todo } = adviceOn(fault);
    return { part, well: '', troubles: [{ what, why: `${fault}: ${detail}`, todo }] };
  });
  const isTold = faults.some(({ fault }) => fault.startsWith('uplink.'));
  const { part, what, todo } = adviceOn('uplink.down');
  const link: Seen =
    online || isTold
      ? { part, well: broker ?? '', troubles: [] }
      : { part, well: '', troubles: [{ what, why: broker, todo }] };
  return [link, ...told];
}

/** Each part once. */
function merged(all: readonly Seen[]): Seen[] {
  const names = [...new Set(all.map(({ part }) => part[1]))];
  return names.flatMap((name) => {
    const same = all.filter(({ part }) => part[1] === name);
    const [first] = same;
    if (!first) return [];
    return [{ ...first, troubles: same.flatMap(({ troubles }) => troubles) }];
  });
}

export function exitOf({ parts, isAlive }: Diagnosis): number {
  if (!isAlive) return doctorExits.dead;
  return parts.some(({ troubles }) => troubles.length > 0)
    ? doctorExits.troubles
    : doctorExits.well;
}

/** For people: what is wrong first. */
export function textOf({ terminal, parts, isAlive }: Diagnosis): string {
  const sick = parts.filter(({ troubles }) => troubles.length > 0);
  const well = parts.filter(({ troubles }) => troubles.length === 0);
  const count = sick.reduce((sum, { troubles }) => sum + troubles.length, 0);
  const verdict = !isAlive
    ? '终端不能报警  the terminal cannot raise an alarm'
    : count > 0
      ? `能报警,${count} 项需处理  it raises alarms; ${count} to mend`
      : '一切正常  all is well';
  return `${[
    `${terminal ?? '-'}: ${verdict}`,
    '',
    ...sick.flatMap(({ part, troubles }) => troubles.flatMap((one) => troubleLines(part, one))),
    ...well.map(({ part, well: how }) => `  正常 ok  ${part.join(' ')}  ${how}`.trimEnd()),
  ].join('\n')}\n`;
}

const troubleLines = (part: Word, { what, why, todo }: Trouble): string[] => [
  `! ${part.join(' ')}: ${what.join('  ')}`,
  ...(why === null ? [] : [`    原因 why: ${why}`]),
  `    处理 do:  ${todo.join('  ')}`,
];
