// The unit as shipped: what its sandbox leaves open, how it comes back, that it runs the bundle with a
// compile cache it may write. Judged offline by systemd's own tools where they are installed.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const unitFile = join(root, 'systemd/gate-agent.service');
const unit = readFileSync(unitFile, 'utf8').split('\n');
/** Values of a setting, in order. */
const settings = (name: string): string[] =>
  unit.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
const has = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-unit-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("systemd's own judgement", () => {
  test.skipIf(!has('systemd-analyze'))('exposure is 2.0 or less', () => {
    const args = ['security', '--offline=true', '--threshold=20', '--no-pager', unitFile];
    const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    expect(status, stdout.split('\n').slice(-4).join('\n')).toBe(0);
  });

  test.skipIf(!has('systemd-analyze'))('the updater, which is root, has 2.5 or less', () => {
    const updater = join(root, 'systemd/gate-agent-update.service');
    const args = ['security', '--offline=true', '--threshold=25', '--no-pager', updater];
    const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    expect(status, stdout.split('\n').slice(-4).join('\n')).toBe(0);
  });

  test.skipIf(!has('systemd-analyze'))('every setting is known to this systemd', () => {
    // The paths of an installation are not there.
    const here = unit
      .join('\n')
      .replaceAll('/opt/gate-agent/current', join(root, 'systemd'))
      .replaceAll(/^(User|Group)=.*$/gm, '');
    const copy = join(dir, 'gate-agent.service');
    writeFileSync(copy, here);
    const updater = ['path', 'service'].map((kind) => join(dir, `gate-agent-update.${kind}`));
    for (const file of updater) {
      const text = readFileSync(join(root, 'systemd', file.slice(dir.length + 1)), 'utf8');
      writeFileSync(file, text.replaceAll('/usr/lib/gate-agent', join(root, 'systemd')));
    }
    const files = [copy, ...updater];
    const { stderr } = spawnSync('systemd-analyze', ['verify', ...files], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.includes('gate-agent'))).toEqual([]);
  });

  test.skipIf(!has('systemd-analyze'))('so is every one of the screen at the desk', () => {
    const text = readFileSync(join(root, 'systemd/gate-agent-kiosk.service'), 'utf8')
      .replaceAll('/opt/gate-agent/current', join(root, 'systemd'))
      .replaceAll(/^(User|PAMName)=.*$/gm, '');
    const copy = join(dir, 'gate-agent-kiosk.service');
    writeFileSync(copy, text);
    const { stderr } = spawnSync('systemd-analyze', ['verify', copy], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.includes('kiosk'))).toEqual([]);
  });

  test.skipIf(!has('systemd-sysusers'))('the user can be made', () => {
    const file = join(root, 'systemd/gate-agent.sysusers');
    const { status, stderr } = spawnSync('systemd-sysusers', ['--dry-run', file]);
    expect(status, String(stderr)).toBe(0);
  });
});

test('is watched, comes back for ever, and has no start limit', () => {
  expect(settings('Type')).toEqual(['notify']);
  expect(settings('NotifyAccess')).toEqual(['all']);
  // Three ticks must fit in, and the restart after it into 15 s.
  expect(Number(settings('WatchdogSec'))).toBeGreaterThanOrEqual(9);
  expect(Number(settings('WatchdogSec'))).toBeLessThanOrEqual(12);
  expect(settings('Restart')).toEqual(['always']);
  expect(settings('StartLimitIntervalSec')).toEqual(['0']);
  expect(settings('RestartPreventExitStatus')).toEqual([]);
});

test('runs the bundle, with a compile cache that the sandbox lets it write', () => {
  expect(settings('ExecStart')[0]).toMatch(/\/current\/launch run /);
  expect(settings('CacheDirectory')).toEqual(['gate-agent']);
  expect(settings('Environment')).toContain('NODE_COMPILE_CACHE=/var/cache/gate-agent');
});

test('grants the echo canceller the priority that it asks for, and no real time', () => {
  const source = readFileSync(join(root, 'agent/media/sound/canceller.cc'), 'utf8');
  expect(settings('LimitNICE')).toEqual([/int nice = (-\d+);/.exec(source)?.[1]]);
  // A later line takes back what an earlier one has forbidden.
  expect(settings('SystemCallFilter').at(-1)).toBe('setpriority');
  expect(settings('LimitRTPRIO')).toEqual([]);
  expect(settings('RestrictRealtime')).toEqual(['yes']);
});

test('classes of devices that an adapter may bring later are loaded before', () => {
  const classes = settings('DeviceAllow').map((value) => value.split(' ')[0]);
  for (const name of ['ttyS', 'ttyUSB', 'ttyACM', 'gpiochip', 'alsa', 'watchdog'])
    expect(classes).toContain(`char-${name}`);
  const modules = readFileSync(join(root, 'systemd/gate-agent.modules'), 'utf8').split('\n');
  expect(modules).toEqual(expect.arrayContaining(['usbserial', 'cdc_acm']));
});

describe('restart-pause', () => {
  const script = join(root, 'systemd/restart-pause');
  const file = () => join(dir, 'restarts');
  const uptimeS = () => Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]));
  /** The pause before the next start, seconds. */
  function next(): number {
    const sleep = join(dir, 'sleep');
    writeFileSync(sleep, `#!/bin/sh\necho "$1" >${dir}/slept\n`);
    chmodSync(sleep, 0o755);
    rmSync(join(dir, 'slept'), { force: true });
    const env = { PATH: `${dir}:${process.env.PATH}`, RUNTIME_DIRECTORY: dir };
    execFileSync(script, { env });
    const [, pause] = readFileSync(file(), 'utf8').trim().split(' ').map(Number);
    if (pause) expect(Number(readFileSync(join(dir, 'slept'), 'utf8'))).toBe(pause);
    return pause ?? Number.NaN;
  }

  test('short lives: longer and longer, up to 16 s', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(next)).toEqual([0, 1, 2, 4, 8, 16, 16, 16]);
  });

  test('a life of a minute starts again at nothing', () => {
    writeFileSync(file(), `${uptimeS() - 61} 16\n`);
    expect(next()).toBe(0);
    writeFileSync(file(), `${uptimeS() - 50} 8\n`);
    expect(next()).toBe(16);
  });

  test.each(['', 'garbage', '12', '1 2 3', '-', '9999999999999999999 -1'])(
    'a file that holds "%s" keeps nobody from starting',
    (text) => {
      writeFileSync(file(), text);
      expect(next()).toBeLessThanOrEqual(16);
    },
  );
});
