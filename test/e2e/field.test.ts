// The daemon as systemd keeps it: ready, fed, stopping, silent while it hangs; and what a process meets
// in the field: a loop held up, a disk that hangs at the end, no memory left.

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { fsyncShim } from '#test/support/fsync-shim.ts';
import { NotifyReceiver } from '#test/support/notify-receiver.ts';
import { troubleEnv } from '#test/support/trouble.ts';
import { Companion } from './support/commands.ts';
import { House, launcher } from './support/house.ts';

/** systemd gives it 30 s; a tick is a third. */
const watchdogMs = 900;
const tickMs = watchdogMs / 3;

let house: House;
let systemd: NotifyReceiver;
let hangFile: string;
let troubleFile: string;

beforeAll(async () => {
  house = await House.open({
    buttons: 3,
    room: async (_broker, dir) => {
      systemd = await NotifyReceiver.open(join(dir, 'notify'));
      const [shim, trouble] = [fsyncShim(dir), troubleEnv(dir)];
      hangFile = shim.HANG_FILE;
      troubleFile = trouble.TROUBLE_FILE;
      return { env: { ...shim, ...trouble, ...service() } };
    },
  });
});
afterEach(async () => {
  await rm(hangFile, { force: true });
  house.room.daemon.signal('SIGCONT');
});
afterAll(async () => {
  await house.close();
  await systemd.close();
});

const service = () => ({
  NOTIFY_SOCKET: systemd.socket,
  WATCHDOG_USEC: String(watchdogMs * 1000),
});

async function trouble(what: string): Promise<void> {
  await writeFile(troubleFile, what);
  house.room.daemon.signal('SIGUSR2');
}

/** What the dog's feeder did within the next `ms`. */
async function watch(ms: number) {
  const fromMs = performance.now();
  await pause(ms);
  const silenceMs = systemd.longestSilenceMs(fromMs, fromMs + ms);
  return { feeds: systemd.feeds(fromMs).length, silenceMs };
}

async function resolveAll(): Promise<void> {
  const { platform } = house.room;
  for (const incident of house.open)
    expect(await platform.desk.resolve('rehearsal-1', incident)).toMatchObject({ ok: true });
  await house.until('the platform to know of the end', () => house.open.length === 0);
}

const ended = () => house.until('its end', () => !house.room.daemon.running, 6_000);
const lastWord = () => house.room.daemon.lines.findLast((line) => line.startsWith('exit'));

test('tells READY when it is armed, feeds the watchdog, tells how it is', async () => {
  await house.start();
  await systemd.until('READY=1');
  await systemd.until('STATUS=armed; link up');
  const { feeds, silenceMs } = await watch(3_000);
  expect(feeds).toBeGreaterThanOrEqual(9);
  expect(silenceMs).toBeLessThan(watchdogMs);
  const kinds = systemd.told.map(({ text }) => text.split('=')[0]);
  expect(kinds.indexOf('READY')).toBeLessThan(kinds.indexOf('WATCHDOG'));
});

test('an unarmed terminal is ready, too, and is fed for', async () => {
  const dir = join(house.dir, 'unarmed');
  const own = await NotifyReceiver.open(`@${dir}`);
  const args = ['run', '--config', `${dir}.yaml`, '--socket', `${dir}.sock`];
  const spare = new Companion(launcher, args, { ...service(), NOTIFY_SOCKET: own.socket });
  try {
    await own.until('READY=1', 10_000);
    await own.until('STATUS=unarmed: no configuration');
    await house.until('the third feed', () => own.feeds().length >= 3);
  } finally {
    await spare.end('SIGTERM');
    await own.close();
  }
});

test('is silent while it is stopped, and while its loop is blocked', async () => {
  const { daemon } = house.room;
  daemon.signal('SIGSTOP');
  // What had left it before the signal may still be on its way.
  await watch(tickMs);
  expect(await watch(1_500)).toMatchObject({ feeds: 0 });
  daemon.signal('SIGCONT');
  expect((await watch(1_000)).feeds).toBeGreaterThan(1);
  await trouble('block 2000');
  await watch(tickMs);
  expect(await watch(1_500)).toMatchObject({ feeds: 0 });
  expect((await watch(1_500)).feeds).toBeGreaterThan(1);
});

test('a disk that hangs starves nobody: fed, alarm delivered, light on', async () => {
  await writeFile(hangFile, '');
  const { box, dome } = house.room;
  const watching = watch(3_000);
  await box.tap(1);
  await house.until('the alarm at the platform', () => house.raised.length === 1);
  await house.until('the strobe to be on', () => dome.actuators.strobe);
  expect((await watching).silenceMs).toBeLessThan(watchdogMs);
  await rm(hangFile);
  await resolveAll();
});

test('a loop that is held for 300 ms again and again loses no press', async () => {
  const { box } = house.room;
  const before = house.pressesTold('button-2');
  for (let round = 0; round < 6; round++) {
    await trouble('block 300');
    await box.tap(2);
    await box.tap(2);
  }
  await house.until('12 presses', () => house.pressesTold('button-2') - before >= 12);
  await pause(tickMs);
  expect(house.pressesTold('button-2') - before).toBe(12);
  await resolveAll();
});

test('out of memory it dies; started again it has lost nothing', async () => {
  const { box, daemon } = house.room;
  await house.until('an empty outbox', () => house.outboxEmpty());
  const before = house.raised.length;
  house.broker.freeze();
  await box.tap(1);
  await house.until('stored', () => house.word === 'stored');
  await trouble('hog');
  box.press(2);
  await house.until('its end', () => !daemon.running, 30_000);
  expect(lastWord()).toBe('exit SIGABRT');
  box.release(2);
  await box.tap(3);
  house.broker.thaw();
  await house.start();
  await house.until('three alarms', () => house.raised.length - before >= 3);
  await house.until('an empty outbox', () => house.outboxEmpty());
  expect(house.raised.slice(before).map(({ input }) => input)).toEqual(
    expect.arrayContaining(['button-1', 'button-2', 'button-3']),
  );
  expect(house.raised.length - before).toBe(3);
  await resolveAll();
});

test('SIGTERM while an fsync hangs: STOPPING, the end within 5 s, and the alarm once', async () => {
  const { box, daemon } = house.room;
  const before = house.raised.length;
  await house.until('a lamp at rest', () => house.word === 'ready', 15_000);
  await writeFile(hangFile, '');
  await box.tap(1);
  await house.until('the alarm at the platform', () => house.raised.length === before + 1);
  const fromMs = performance.now();
  daemon.signal('SIGTERM');
  await ended();
  expect(performance.now() - fromMs).toBeLessThan(5_000);
  expect(systemd.has('STOPPING=1')).toBe(true);
  expect(systemd.told.at(-1)?.text).toBe('STOPPING=1');
  await rm(hangFile);
  await house.start();
  await house.until('an empty outbox', () => house.outboxEmpty());
  expect(house.raised.length).toBe(before + 1);
  expect(house.room.platform.violations).toEqual([]);
  await resolveAll();
});
