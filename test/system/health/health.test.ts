// The PC under the terminal, read from trees of files as kernels lay them out; and faults that are told when
// three looks in a row agree, not each time a figure swings around its limit.

import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fact } from '#agent/core/fact.ts';
import { diskOf } from '#agent/system/health/disk.ts';
import { MachineHealth } from '#agent/system/health/health.ts';
import { hottest } from '#agent/system/health/heat.ts';
import { parseTracking, type Tracking, timeSourceOf } from '#agent/system/health/time.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { until } from '#test/support/wait.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gate-health-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), `${text}\n`);
}

/** /sys as the disk of `root` would have it, were it `what` below its devices. */
function deviceIs(what: string): void {
  const { dev } = statSync(root, { bigint: true });
  const major = ((dev >> 32n) & 0xfffff000n) | ((dev >> 8n) & 0xfffn);
  const minor = ((dev >> 12n) & 0xffffff00n) | (dev & 0xffn);
  const place = join(root, 'sys/dev/block');
  for (const dir of [place, join(root, 'sys/devices', what)]) mkdirSync(dir, { recursive: true });
  symlinkSync(join(root, 'sys/devices', what), join(place, `${major}:${minor}`));
}

describe('the disk', () => {
  it('an eMMC tells its life, ext4 what was written and what was wrong', async () => {
    deviceIs('mmc0/block/mmcblk0/mmcblk0p2');
    put('sys/devices/mmc0/block/mmcblk0/device/life_time', '0x02 0x04');
    put('sys/devices/mmc0/block/mmcblk0/device/pre_eol_info', '0x01');
    put('sys/fs/ext4/mmcblk0p2/lifetime_write_kbytes', `${7 * 2 ** 20}`);
    put('sys/fs/ext4/mmcblk0p2/errors_count', '3');
    const told = await diskOf(root, root);
    expect(told).toMatchObject({ diskWearPercent: 40, diskWrittenGb: 7, diskErrors: 3 });
    expect(told.diskFreeMb).toBeGreaterThan(0);
    expect(told.diskTotalMb).toBeGreaterThanOrEqual(told.diskFreeMb ?? 0);
  });

  it.each([
    ['0x0b 0x01', '0x01', 110],
    ['0x00 0x00', '0x01', null],
    ['0x01 0x01', '0x02', 90],
    ['0x01 0x01', '0x03', 110],
  ])('a life of %s with a reserve of %s is %s percent', async (life, reserve, percent) => {
    deviceIs('mmc0/block/mmcblk0/mmcblk0p2');
    put('sys/devices/mmc0/block/mmcblk0/device/life_time', life);
    put('sys/devices/mmc0/block/mmcblk0/device/pre_eol_info', reserve);
    expect((await diskOf(root, root)).diskWearPercent).toBe(percent);
  });

  it('an encrypted one is looked through', async () => {
    deviceIs('virtual/block/dm-0');
    put('sys/devices/mmc0/block/mmcblk0/device/life_time', '0x06 0x05');
    mkdirSync(join(root, 'sys/devices/mmc0/block/mmcblk0/mmcblk0p3'));
    const slaves = join(root, 'sys/devices/virtual/block/dm-0/slaves');
    mkdirSync(slaves);
    symlinkSync(join(root, 'sys/devices/mmc0/block/mmcblk0/mmcblk0p3'), join(slaves, 'mmcblk0p3'));
    expect((await diskOf(root, root)).diskWearPercent).toBe(60);
  });

  it('what tells nothing is absent, and a directory that is not there, too', async () => {
    expect(await diskOf(root, root)).toMatchObject({ diskWearPercent: null, diskErrors: null });
    expect(await diskOf(join(root, 'gone'), root)).toMatchObject({ diskFreeMb: null });
  });
});

describe('heat and clock', () => {
  it('the hottest sensor counts, one that is broken does not', async () => {
    expect(await hottest(root)).toBeNull();
    put('sys/class/thermal/thermal_zone0/temp', '51500');
    put('sys/class/thermal/thermal_zone1/temp', '-273200');
    put('sys/class/hwmon/hwmon0/temp1_input', '63499');
    put('sys/class/hwmon/hwmon0/temp2_input', '255000');
    put('sys/class/hwmon/hwmon0/temp1_max', '100000');
    expect(await hottest(root)).toBe(63);
  });

  it('who keeps the clock', () => {
    expect(timeSourceOf(root)).toBeNull();
    mkdirSync(join(root, 'run/systemd/timesync'), { recursive: true });
    expect(timeSourceOf(root)).toBe('timesyncd');
    mkdirSync(join(root, 'run/chrony'));
    expect(timeSourceOf(root)).toBe('chrony');
  });

  it('what chronyc says', () => {
    const kept =
      'CA760151,202.118.1.81,2,1700000000.1,-0.000012,0.00001,0.00002,-1.2,0.001,0.02,0.03,0.004,64.2,Normal';
    expect(parseTracking(`${kept}\n`)).toEqual({ offsetMs: -0.012, isKept: true });
    const lost = kept.replace('Normal', 'Not synchronised');
    expect(parseTracking(lost)).toMatchObject({ isKept: false });
    for (const text of ['', '506 Cannot talk to daemon', 'a,b,c'])
      expect(parseTracking(text)).toBeNull();
  });
});

describe('faults', () => {
  const limits = { diskFreeMb: 64, wearPercent: 80, hotC: 85, memoryFreeMb: 64, clockMinutes: 10 };
  let clock: VirtualClock;
  let told: string[];
  let health: MachineHealth;
  let tracking: Tracking | null;

  beforeEach(async () => {
    clock = new VirtualClock();
    told = [];
    tracking = { offsetMs: 0.2, isKept: true };
    const emit = (fact: Fact) => {
      if (fact.kind === 'fault.raised') told.push(`${fact.fault}: ${fact.detail}`);
      if (fact.kind === 'fault.cleared') told.push(`${fact.fault} cleared`);
    };
    const chrony = () => Promise.resolve(tracking);
    health = new MachineHealth({ dir: root, limits, clock, chrony, root });
    put('proc/uptime', '0 0');
    await health.open({ emit });
  });
  afterEach(() => health.close());

  let looks = 0;
  /** One look, a minute later, to its end. */
  async function look(): Promise<void> {
    looks += 1;
    put('proc/uptime', `${looks}.5 0`);
    clock.advance(60_000);
    await until(() => health.figures().uptimeS === looks, { withinMs: 5_000, what: 'a look' });
    await until(() => clock.timers > 0, { withinMs: 5_000, what: 'the next look' });
  }

  it('heat is told after three looks, and taken back five degrees below, after three', async () => {
    const degrees = [90, 84, 90, 90, 90, 84, 81, 84, 79, 79, 79];
    const counts: number[] = [];
    for (const one of degrees) {
      put('sys/class/thermal/thermal_zone0/temp', `${one * 1000}`);
      await look();
      counts.push(told.length);
    }
    expect(counts).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2]);
    expect(told).toEqual([
      expect.stringMatching(/^machine\.hot: The PC is at 90/),
      'machine.hot cleared',
    ]);
  });

  it('a clock that chrony does not keep is told after its minutes', async () => {
    mkdirSync(join(root, 'run/chrony'), { recursive: true });
    await look();
    expect(health.figures()).toMatchObject({ timeSource: 'chrony', timeOffsetMs: 0.2 });
    tracking = { offsetMs: 0, isKept: false };
    for (let minute = 0; minute < 40; minute++) await look();
    expect(told).toEqual([expect.stringMatching(/^clock\.unkept: .*\(chrony\)/)]);
  });

  it('little memory is told', async () => {
    put('proc/meminfo', 'MemTotal:  2000000 kB\nMemAvailable:  50000 kB');
    for (let n = 0; n < 3; n++) await look();
    expect(health.figures()).toMatchObject({ memoryFreeMb: 48, memoryTotalMb: 1953 });
    expect(told).toEqual([expect.stringMatching(/^machine\.memory: The PC has 48 MB/)]);
  });
});
