// The command line: what people type, what they read, and the code that scripts see.

import { describe, expect, it } from 'vitest';
import { type Cli, main } from '#agent/cli.ts';
import { Refusal } from '#agent/refusal.ts';
import { exitOf, type StatusReport, statusLine } from '#agent/status.ts';
import { age, statusText } from '#agent/status-text.ts';
import { makeSite, parseProfile, rightText } from '../config/support.ts';
import { openServer } from './support.ts';

const noon = Date.UTC(2026, 10, 21, 12);
const ready: StatusReport = {
  version: '0.1.0',
  uptimeS: 4000,
  terminal: 'hz-0012',
  armed: true,
  online: true,
  broker: 'mqtt://localhost:1883',
  boxes: ['desk'],
  incidents: [],
  faults: [],
  store: { outboxRows: 0, transactions: 3, chainSeq: 9, chainHash: 'ab', behind: 0 },
  lamp: { word: 'ready', silent: null, fault: false, linkDown: false, mark: null },
  window: null,
  dome: { strobe: false, siren: false, preset: 'guard' },
};
const incident = {
  id: 'press-1',
  input: 'desk-button',
  kind: 'emergency',
  step: 'received',
  presses: 2,
  mark: null,
  raisedWallMs: noon - 5000,
} as const;
const fault = { fault: 'box.desk.silent', detail: 'No heartbeat.', sinceWallMs: noon - 90_000 };
const unarmed: StatusReport = {
  ...ready,
  terminal: null,
  armed: false,
  online: false,
  broker: null,
  store: null,
  lamp: null,
  dome: null,
};

async function typed(args: string[], cli: Partial<Cli> = {}) {
  const said = { out: '', err: '' };
  const code = await main(args, {
    version: '0.1.0',
    parseProfile,
    run: async () => 0,
    env: { RUNTIME_DIRECTORY: '/nonexistent' },
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    ...cli,
  });
  return { code, ...said };
}

describe('usage', () => {
  it.each([
    [[], 'a command is missing'],
    [['stauts'], 'unknown command: stauts'],
    [['toString'], 'unknown command: toString'],
    [['run', '--foo'], "Unknown option '--foo'"],
    [['run', '--json'], 'run has no --json'],
    [['run', 'now'], 'run takes no now'],
    [['status', '--config'], 'argument missing'],
  ])('%j: exit 64', async (args, why) => {
    const { code, err, out } = await typed(args);
    expect(code).toBe(64);
    expect(err).toContain(why);
    expect(err).toContain('check-config');
    expect(out).toBe('');
  });

  it('--help and --version', async () => {
    expect(await typed(['--version'])).toMatchObject({ code: 0, out: '0.1.0\n' });
    expect(await typed(['status', '-h'])).toMatchObject({ code: 0, err: '' });
    expect((await typed(['help'])).out).toContain('gate-agent run');
  });
});

describe('run', () => {
  it('hands over file, state directory and socket; its code is the exit code', async () => {
    const asked: unknown[] = [];
    const run: Cli['run'] = async (request) => {
      asked.push(request);
      return 5;
    };
    const { code } = await typed(['run', '--config', '/c.yaml', '--state', '/s'], { run });
    expect(code).toBe(5);
    expect(asked).toMatchObject([
      { file: '/c.yaml', stateDir: '/s', socket: '/nonexistent/control.sock' },
    ]);
  });

  it('a refusal is printed field by field: exit 78; a bug is not swallowed', async () => {
    const refuse = async () => {
      throw new Refusal([{ field: 'log.level', value: 'loud', hint: 'one of: debug', line: 3 }]);
    };
    const { code, err } = await typed(['run', '--config', '/c.yaml'], { run: refuse });
    expect(code).toBe(78);
    expect(err).toBe(
      '/c.yaml: 1 field is wrong\n  line 3: log.level = "loud"\n      one of: debug\n',
    );
    const bug = async () => {
      throw new Error('bug');
    };
    await expect(typed(['run'], { run: bug })).rejects.toThrow('bug');
  });
});

describe('check-config', () => {
  it('says OK and what it read: exit 0', async () => {
    const site = makeSite();
    const { code, out } = await typed(['check-config', '--config', site.file]);
    expect(code).toBe(0);
    expect(out).toContain('OK');
    expect(out).toContain('desk 1: 值班台 (desk-button), emergency');
  });

  it('OK, and a note where no TURN server carries the picture; none where one does', async () => {
    const of = async (...servers: string[]) => {
      const site = makeSite();
      site.write(
        'gate-agent.yaml',
        `${rightText}media:\n  iceServers: [${servers.map((one) => `"${one}"`).join(', ')}]\n`,
      );
      const { code, out } = await typed(['check-config', '--config', site.file]);
      const json = await typed(['check-config', '--json', '--config', site.file]);
      expect([code, json.code]).toEqual([0, 0]);
      return { out, notes: JSON.parse(json.out).notes };
    };
    const tcp = await of('stun:a:1', 'turn:a:1?transport=tcp', 'turns:a:2');
    expect(tcp.out).toContain('note     media.iceServers: none of these TURN servers is over UDP');
    expect(tcp.notes).toEqual([
      { field: 'media.iceServers', note: expect.stringContaining('two snapshots a second') },
    ]);
    for (const servers of [['turn:a:1', 'turns:a:2'], ['turn:a:1?transport=udp'], ['stun:a:1']])
      expect((await of(...servers)).notes).toEqual([]);
  });

  it('names every wrong field: exit 78, on stderr or as JSON', async () => {
    const site = makeSite();
    site.config(['level: warn', 'level: loud'], ['东门', '""']);
    const people = await typed(['check-config', '--config', site.file]);
    expect(people).toMatchObject({ code: 78, out: '' });
    expect(people.err).toMatch(/2 fields are wrong\n {2}line \d+: identity\.gate = ""\n/);
    const json = await typed(['check-config', '--json', '--config', site.file]);
    expect(json.code).toBe(78);
    expect(JSON.parse(json.out)).toMatchObject({
      ok: false,
      fields: [{ field: 'identity.gate' }, { field: 'log.level', value: 'loud' }],
    });
  });
});

describe('status', () => {
  it.each([
    ['ready', ready, 0],
    ['a fault', { ...ready, faults: [fault] }, 1],
    ['no link', { ...ready, online: false }, 1],
    ['an open incident', { ...ready, incidents: [incident] }, 2],
    ['an open incident beside a fault', { ...ready, faults: [fault], incidents: [incident] }, 2],
    ['not configured', unarmed, 3],
  ] satisfies [string, StatusReport, number][])('%s: its exit code', async (_, report, code) => {
    expect(exitOf(report)).toBe(code);
    const { path } = await openServer({ status: () => report });
    const json = await typed(['status', '--json', '--socket', path]);
    expect(json).toMatchObject({ code, err: '' });
    expect(JSON.parse(json.out)).toEqual(report);
    expect((await typed(['status', '--socket', path])).code).toBe(code);
  });

  it('finds the socket in the configuration, though its secrets may not be read', async () => {
    const { path } = await openServer({ status: () => ready });
    const site = makeSite();
    site.config(['dome.secret', 'gone'], ['log:', `control: { socket: ${path} }\nlog:`]);
    expect((await typed(['status', '--config', site.file])).code).toBe(0);
  });

  it('no daemon: 69; an answer of another make: 76', async () => {
    const nobody = await typed(['status', '--socket', '/nonexistent/control.sock']);
    expect(nobody).toMatchObject({ code: 69, out: '' });
    expect(nobody.err).toContain('nobody answers');
    const { path } = await openServer({ status: () => ({ fine: true }) });
    expect((await typed(['status', '--socket', path])).code).toBe(76);
  });

  it('says drill and service mode, of the window, the lamp and each case', () => {
    const window = {
      mark: 'drill',
      untilWallMs: noon + 120_000,
      role: '110-city',
      user: 'li',
    } as const;
    const drill = { ...ready, window, incidents: [{ ...incident, mark: 'drill' as const }] };
    const lamp = { word: 'received', silent: null, fault: false, linkDown: false } as const;
    const text = statusText({ ...drill, lamp: { ...lamp, mark: 'drill' } }, noon);
    expect(text).toContain('drill 演练  received 平台已收到');
    expect(text).toMatch(/presses are 按下视为 +drill 演练 {2}2 min left 剩余 {2}110-city\/li\n/);
    expect(text).toMatch(/lamp 指示灯 .*drill 演练\n/);
    expect(statusLine(drill)).toBe('armed; link up; drill; incidents: received');
    expect(statusLine(ready)).toBe('armed; link up');
  });

  it('is told in both languages, with ages', () => {
    const text = statusText(
      { ...ready, online: false, incidents: [incident], faults: [fault] },
      noon,
    );
    expect(text).toContain('received 平台已收到  emergency 紧急报警  desk-button  5 s ago');
    expect(text).toContain('box.desk.silent  since 2026-11-21 11:58:30 UTC (1 min)  No heartbeat.');
    expect(text).toContain('网络中断,按下按钮后请同时拨打110');
    expect(text).toMatch(/box 按钮盒 +desk {2}fault 故障: box\.desk\.silent/);
    const more = { ...ready, modems: ['com2'], modbus: ['io', 'yard'] };
    const silent = { ...fault, fault: 'modbus.io.1.silent' };
    const lines = statusText({ ...more, faults: [silent] }, noon);
    expect(lines).toMatch(/contacts 触点 +com2 {2}ok 正常\n/);
    expect(lines).toMatch(
      /modules 模块 +io {2}fault 故障: modbus\.io\.1\.silent\n.*yard {2}ok 正常\n/,
    );
    const caller = { id: 's', kind: 'talk', role: '110-city', user: 'li' } as const;
    const calls = [{ ...caller, connected: true, speaks: true }];
    const talk = statusText({ ...ready, sessions: calls, faults: [silent] }, noon);
    expect(talk).toMatch(/talkback 语音对讲 +110-city\/li speaks 发言 {2}ok 正常\n/);
    expect(talk).toMatch(/picture 实时画面 +ok 正常\n/);
    expect(statusText(unarmed, noon)).toContain('not armed 未布防');
  });

  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000 * 5 + 60_000, '5 h 1 min'],
    [86_400_000 * 2 + 3_600_000, '2 d 1 h'],
  ])('%i ms is %s', (ms, words) => expect(age(ms)).toBe(words));
});
