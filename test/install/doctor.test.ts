// The doctor before each of fifteen planted faults: one clear sentence in each language, what to do, and the
// right exit code; with the daemon dead and alive.

import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '#agent/config.ts';
import { askControl, ControlFailed, ControlServer } from '#agent/control.ts';
import {
  type Diagnosis,
  type DoctorParts,
  diagnose,
  doctorExits,
  exitOf,
  textOf,
} from '#agent/install/doctor/doctor.ts';
import { lookAtCertificate } from '#agent/install/doctor/looks.ts';
import type { StatusReport } from '#agent/status.ts';
import { systemClock } from '#agent/system/clock.ts';
import { makeSite, rightText } from '#test/config/support.ts';
import { makeCerts } from '#test/support/certs.ts';

const ready: StatusReport = {
  ...{ version: '0.1.0', uptimeS: 7200, terminal: 'hz-0012', armed: true, online: true },
  ...{ broker: 'mqtt://localhost:1883', incidents: [], faults: [], store: null, lamp: null },
  ...{ window: null, dome: null },
};
const wallMs = Date.UTC(2026, 10, 21, 8);

interface Planted {
  readonly status?: StatusReport | ControlFailed['reason'];
  readonly config?: string;
  readonly parts?: Partial<DoctorParts>;
  readonly plant?: (dir: string) => void;
}

/** A terminal in order, but for what is planted. */
async function doctorOf({ status = ready, config, parts, plant }: Planted): Promise<Diagnosis> {
  const site = makeSite();
  const dir = join(site.dir, 'data');
  mkdirSync(dir, { mode: 0o700 });
  for (const name of ['ttyDESK', 'ttyCOM', 'ttyIO']) writeFileSync(join(site.dir, name), '');
  const right = rightText
    .replaceAll('/dev/', `${site.dir}/`)
    .replace('data: {', `data: { dir: ${dir},`);
  site.write('gate-agent.yaml', config ?? right);
  site.write('broker.secret', 'x');
  site.write('dome.secret', 'x');
  site.write('dome.yaml', 'good');
  plant?.(site.dir);
  return await diagnose({
    ...{ file: site.file, socket: join(site.dir, 'control.sock'), unit: async () => null },
    ask: async () => {
      if (typeof status === 'string') throw new ControlFailed(status, `control.sock: ${status}`);
      return status;
    },
    load: () => loadConfig(site.request),
    ...{ clock: { wallMs, isSet: true }, freeMb: () => 4096 },
    ...parts,
  });
}

const troublesOf = ({ parts }: Diagnosis) => parts.flatMap(({ troubles }) => troubles);
const faulty = (fault: string, detail = 'It is so.'): StatusReport => ({
  ...ready,
  faults: [{ fault, detail, sinceWallMs: wallMs }],
});

const { dead, troubles } = doctorExits;
const cases: readonly (readonly [string, Planted, string, string, number])[] = [
  ['a dead daemon', { status: 'not-running' }, '守护进程没有运行', 'the daemon does not run', dead],
  [
    ...([
      'a unit that fails',
      { status: 'not-running', parts: { unit: async () => 'failed' } },
    ] as const),
    ...(['守护进程没有运行', 'the daemon does not run', dead] as const),
  ],
  ['a daemon that hangs', { status: 'no-answer' }, '没有应答', 'does not answer', dead],
  ['no right to ask', { status: 'no-access' }, '无权询问', 'may not ask', dead],
  [
    ...(['no configuration', { status: { ...ready, armed: false, terminal: null } }] as const),
    ...(['终端没有配置', 'not configured', dead] as const),
  ],
  [
    ...(['a wrong field', { config: rightText.replace('330106', '33') }] as const),
    ...(['配置项 identity.divisionCode 有误', 'wrong at identity.divisionCode', troubles] as const),
  ],
  [
    'a port that is not there',
    { status: 'not-running', config: rightText },
    ...([
      '串口 /dev/ttyDESK(desk)不存在',
      'the port /dev/ttyDESK (desk) is not there',
      dead,
    ] as const),
  ],
  [
    'a full disk',
    { parts: { freeMb: () => 12 } },
    '磁盘只剩 12 MB',
    'the disk has 12 MB left',
    troubles,
  ],
  [
    'a data directory that others may enter',
    { plant: (dir) => chmodSync(join(dir, 'data'), 0o755) },
    ...([
      '其他用户可以进入数据目录',
      'other users may enter the data directory',
      troubles,
    ] as const),
  ],
  [
    'a key that others may read',
    {
      plant: (dir) => {
        writeFileSync(join(dir, 'data/evidence-key.pem'), '');
        chmodSync(join(dir, 'data/evidence-key.pem'), 0o644);
      },
    },
    ...(['其他用户可以读取证据密钥', 'others may read the evidence key', troubles] as const),
  ],
  [
    ...(['a clock nobody has set', { parts: { clock: { wallMs, isSet: false } } }] as const),
    ...(['系统时钟没有校准', 'nobody has set the clock', troubles] as const),
  ],
  [
    ...(['a broker that is down', { status: { ...ready, online: false } }] as const),
    ...(['无法连接平台的消息服务器', 'the broker cannot be reached', troubles] as const),
  ],
  [
    ...(['a refused dome', { status: faulty('dome.unauthorized') }] as const),
    ...(['球机拒绝用户名或密码', 'the dome refuses user or password', troubles] as const),
  ],
  [
    ...(['a silent box', { status: faulty('box.desk.silent') }] as const),
    ...(['按钮盒没有任何消息', 'the button box says nothing', troubles] as const),
  ],
  [
    ...(['a loudspeaker that is gone', { status: faulty('sound.speaker') }] as const),
    ...(['扬声器、麦克风或对讲异常', 'loudspeaker, microphone or calls', troubles] as const),
  ],
];

describe('the doctor', () => {
  it('says that all is well where it is', async () => {
    const diagnosis = await doctorOf({});
    expect(troublesOf(diagnosis)).toEqual([]);
    expect(exitOf(diagnosis)).toBe(doctorExits.well);
    expect(textOf(diagnosis)).toMatch(/^hz-0012: 一切正常 {2}all is well\n/);
  });

  it.each(cases)('%s', async (_, planted, zh, en, exit) => {
    const diagnosis = await doctorOf(planted);
    const found = troublesOf(diagnosis).find(({ what }) => what[1].includes(en));
    expect(found?.what[0], JSON.stringify(diagnosis, null, 1)).toContain(zh);
    expect(found?.todo.every((words) => words.length > 3)).toBe(true);
    expect(exitOf(diagnosis)).toBe(exit);
    const text = textOf(diagnosis);
    expect(text).toContain(zh);
    expect(text.split('\n').length).toBeLessThan(40);
    // Nothing else is wrong with it; a dead daemon has other things wrong, too.
    if (exit === troubles) expect(troublesOf(diagnosis)).toEqual([found]);
  });

  it('a certificate that has expired, and one that soon will', async () => {
    const { client } = await makeCerts(makeSite().dir);
    const { cert } = await client('hz-0012');
    const endMs = new X509Certificate(cert).validToDate.getTime();
    const at = (days: number) =>
      lookAtCertificate({ broker: { tls: { cert } } }, endMs - days * 86_400_000).troubles[0]?.what;
    expect(at(100)).toBeUndefined();
    expect(at(10.5)).toEqual(['证书将在 10 天后过期', 'the certificate ends in 10 days']);
    expect(at(-2.5)).toEqual(['证书已过期 3 天', 'the certificate expired 3 days ago']);
  });

  it('asks a real socket', async () => {
    const site = makeSite();
    const path = join(site.dir, 'c.sock');
    const server = new ControlServer({
      path,
      verbs: { status: () => ready },
      clock: systemClock(),
    });
    await server.open();
    onTestFinished(() => server.close());
    const ask = (verb: string) =>
      askControl({ path, verb, timeoutMs: 10_000, clock: systemClock() });
    expect((await doctorOf({ parts: { ask } })).isAlive).toBe(true);
  });
});
