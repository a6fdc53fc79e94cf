// What the doctor sees without the daemon: configuration, data directory, disk, keys, ports, clock. Reads,
// and changes nothing.

import { X509Certificate } from 'node:crypto';
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import type { Word } from '../../contract.ts';
import { Refusal } from '../../refusal.ts';
import { evidenceKeyFile } from '../../store/evidence-key.ts';

/** What is wrong, why, and what to do. */
export interface Trouble {
  readonly what: Word;
  /** Null: nothing more is known. */
  readonly why: string | null;
  readonly todo: Word;
}

/** A part, and what is wrong with it; none: it is well. */
export interface Seen {
  readonly part: Word;
  /** How it is, where it is well. */
  readonly well: string;
  readonly troubles: readonly Trouble[];
}

export interface LooksParts {
  readonly load: () => Config;
  readonly file: string;
  readonly clock: { readonly wallMs: number; readonly isSet: boolean };
  /** Default: the system's. */
  readonly freeMb?: (dir: string) => number;
}

const leastMb = 256;
const certificateDays = 30;
const dayMs = 86_400_000;
const fieldsShown = 3;

const trouble = (what: Word, todo: Word, why: string | null = null): Trouble => ({
  what,
  why,
  todo,
});

/** Null where there is no configuration to go by. */
export function lookAtConfig({ load, file }: LooksParts): { seen: Seen; config: Config | null } {
  const part: Word = ['配置', 'configuration'];
  try {
    const config = load();
    return { seen: { part, well: file, troubles: [] }, config };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { seen: { part, well: '', troubles: configTroubles(error, file) }, config: null };
  }
}

function configTroubles({ fields }: Refusal, file: string): Trouble[] {
  const [first] = fields;
  if (first?.field === '(file)' && first.hint === 'no such file')
    return [
      trouble(
        [`没有配置文件 ${file}`, `there is no configuration ${file}`],
        ['执行 gate-agent provision', 'run gate-agent provision'],
      ),
    ];
  if (first?.field === '(file)')
    return [
      trouble(
        [`配置文件 ${file} 不能读取`, `the configuration ${file} cannot be read`],
        ['用 sudo 执行,或检查文件权限', 'use sudo, or look at the rights of the file'],
        first.hint,
      ),
    ];
  return fields.slice(0, fieldsShown).map(({ field, hint, line }) => {
    const where = line === undefined ? field : `${field} (line ${line})`;
    return trouble(
      [`配置项 ${field} 有误`, `the configuration is wrong at ${where}`],
      ['改正后执行 gate-agent check-config', 'mend it, then run gate-agent check-config'],
      hint,
    );
  });
}

export function lookAtData({ data }: Config, freeMb = freeMbOf): Seen {
  const part: Word = ['数据目录与磁盘', 'data and disk'];
  const { dir } = data;
  const none = (troubles: Trouble[]): Seen => ({ part, well: '', troubles });
  if (!existsSync(dir))
    return none([
      trouble(
        [`数据目录 ${dir} 不存在`, `the data directory ${dir} is not there`],
        [
          '启动 gate-agent 会创建;或检查磁盘是否挂载',
          'its start makes it; or is a disk not mounted?',
        ],
      ),
    ]);
  const mb = freeMb(dir);
  const found = [
    isLoose(dir)
      ? trouble(
          [`其他用户可以进入数据目录 ${dir}`, `other users may enter the data directory ${dir}`],
          [`执行 chmod 700 ${dir}`, `run: chmod 700 ${dir}`],
        )
      : null,
    isWritable(dir)
      ? null
      : trouble(
          [`数据目录 ${dir} 不可写`, `the data directory ${dir} cannot be written`],
          [
            '检查磁盘是否只读或已损坏',
            'is the disk read-only or broken, or is this user another one?',
          ],
        ),
    mb >= leastMb
      ? null
      : trouble(
          [`磁盘只剩 ${mb} MB`, `the disk has ${mb} MB left`],
          [`清理到 ${leastMb} MB 以上`, `make room: ${leastMb} MB at least`],
        ),
    looseKey(join(dir, evidenceKeyFile)),
  ];
  const troubles = found.filter((one) => one !== null);
  return { part, well: `${dir}, ${mb} MB`, troubles };
}

const freeMbOf = (dir: string): number => {
  const { bavail, bsize } = statfsSync(dir);
  return Math.floor((bavail * bsize) / 2 ** 20);
};

const isLoose = (path: string): boolean => (statSync(path).mode & 0o007) !== 0;

function isWritable(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return false;
  }
}

function looseKey(file: string): Trouble | null {
  if (!existsSync(file) || (statSync(file).mode & 0o077) === 0) return null;
  return trouble(
    [`其他用户可以读取证据密钥`, `others may read the evidence key ${file}`],
    [`执行 chmod 600 ${file}`, `run: chmod 600 ${file}`],
  );
}

export function lookAtCertificate(
  { broker }: { readonly broker: { readonly tls: { readonly cert: string | null } | null } },
  wallMs: number,
): Seen {
  const part: Word = ['设备证书', 'certificate'];
  const pem = broker.tls?.cert ?? null;
  if (pem === null) return { part, well: 'none is configured', troubles: [] };
  const days = Math.floor((new X509Certificate(pem).validToDate.getTime() - wallMs) / dayMs);
  const todo: Word = ['申请并换上新证书', 'have a new one issued, and put it in its place'];
  if (days >= certificateDays) return { part, well: `${days} d`, troubles: [] };
  const what: Word =
    days < 0
      ? [`证书已过期 ${-days} 天`, `the certificate expired ${-days} days ago`]
      : [`证书将在 ${days} 天后过期`, `the certificate ends in ${days} days`];
  return { part, well: '', troubles: [trouble(what, todo)] };
}

export function lookAtPorts({ boxes, modems, modbus }: Config): Seen {
  const paths = [...boxes, ...modems, ...modbus].map(({ id, path }) => ({ id, path }));
  const troubles = paths
    .filter(({ path }) => !existsSync(path))
    .map(({ id, path }) =>
      trouble(
        [`串口 ${path}(${id})不存在`, `the port ${path} (${id}) is not there`],
        [
          '检查 USB 线和端口名:gate-agent button teach',
          'look at the plug, and for its name: gate-agent button teach',
        ],
      ),
    );
  return { part: ['串口', 'serial ports'], well: String(paths.length), troubles };
}

export function lookAtClock({ clock }: LooksParts): Seen {
  const todo: Word = [
    '检查 chrony 或 systemd-timesyncd 及网络',
    'look at chrony or systemd-timesyncd, and at the network',
  ];
  const troubles = clock.isSet
    ? []
    : [trouble(['系统时钟没有校准', 'nobody has set the clock'], todo)];
  return { part: ['时钟', 'clock'], well: new Date(clock.wallMs).toISOString(), troubles };
}
