// Who keeps this PC's clock: chrony or systemd-timesyncd, and whether it has heard a server. Asked of the
// service itself; alarms, certificates and evidence are dated by that clock.

import { existsSync } from 'node:fs';
import { run } from './program.ts';
import type { Words } from './words.ts';

export interface TimeService {
  readonly name: 'chrony' | 'systemd-timesyncd' | null;
  readonly isSynchronised: boolean;
  /** The server it follows; null where none is told. */
  readonly server: string | null;
}

export async function timeService(env: Readonly<Record<string, string>>): Promise<TimeService> {
  const chrony = await run(['chronyc', '-n', 'tracking'], env);
  if (chrony.code === 0) return readChrony(chrony.out);
  if (!existsSync('/run/systemd/timesync')) {
    return { name: null, isSynchronised: false, server: null };
  }
  const shown = await run(['timedatectl', 'show-timesync', '-p', 'ServerAddress', '--value'], env);
  return {
    name: 'systemd-timesyncd',
    isSynchronised: existsSync('/run/systemd/timesync/synchronized'),
    server: shown.code === 0 ? shown.out.trim() || null : null,
  };
}

/** `chronyc tracking`: "Reference ID : C0A80101 (192.168.1.1)", "Leap status : Normal". */
export function readChrony(told: string): TimeService {
  const [, server = ''] = /^Reference ID\s*:\s*[0-9A-F]+ \(([^)]*)\)/m.exec(told) ?? [];
  const isSynchronised = /^Leap status\s*:\s*(Normal|Insert|Delete)/m.test(told);
  return { name: 'chrony', isSynchronised, server: server || null };
}

export function timeWords({ name, isSynchronised, server }: TimeService): Words {
  if (name === null)
    return [
      'No time service runs: install chrony, or switch on systemd-timesyncd.',
      '没有运行校时服务:请安装 chrony 或启用 systemd-timesyncd。',
    ];
  if (!isSynchronised)
    return [
      `${name} runs and has not heard a time server yet: check network and server.`,
      `${name} 正在运行,但尚未连接到时间服务器:请检查网络和服务器。`,
    ];
  const by = server === null ? '' : ` (${server})`;
  return [`The clock is kept by ${name}${by}.`, `时钟由 ${name} 校准${by}。`];
}
