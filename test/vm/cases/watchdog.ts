// A frozen daemon is restarted by systemd, a frozen kernel by the hardware; either goes on with the
// incident that was open.

import assert from 'node:assert/strict';
import type { GateRoom } from '../room/room.ts';

const daemonWithinMs = 15_000;
const hardwareWithinMs = 120_000;

/** SIGSTOP: to the rest of the system a daemon whose loop hangs. */
export async function frozenDaemon(room: GateRoom) {
  const { machine, outside } = room;
  outside.press('desk');
  await room.until('a lamp that says received', () => outside.word === 'received');
  outside.dome.actuators.set('strobe', false);
  const pid = await mainPid(room);
  const frozenMs = performance.now();
  const frozen = await machine.sh(`${uptime}; systemctl kill -s STOP --kill-whom=main gate-agent`);
  await room.until('another daemon', async () => !['0', pid].includes(await mainPid(room)));
  const started = await machine.sh(`systemctl show -p ${startedAt} --value gate-agent`);
  const restartedMs = Number(started) / 1000 - Number(frozen) * 1000;
  await room.until('the strobe, lit again', () => outside.dome.actuators.strobe);
  const litMs = performance.now() - frozenMs;
  await outside.release('desk');
  await outside.resolveAll();
  assert.ok(restartedMs <= daemonWithinMs, `it took ${Math.round(restartedMs)} ms`);
  return {
    vm_frozen_daemon_restarted_s: seconds(restartedMs),
    vm_frozen_daemon_strobe_s: seconds(litMs),
  };
}

/** PID 1 dies and feeds the hardware no more. */
export async function frozenKernel(room: GateRoom) {
  const { machine, outside } = room;
  assert.match(await machine.sh('systemctl show -p RuntimeWatchdogUSec'), /=15s$/);
  assert.equal(await machine.sh('cat /sys/class/watchdog/watchdog0/state'), 'active');
  outside.press('desk');
  await room.until('a lamp that says received', () => outside.word === 'received');
  const frozenMs = performance.now();
  // PID 1 catches it, writes "freezing execution" to the console, and stops there for ever.
  await machine.ask('kill -SEGV 1');
  await machine.ended(hardwareWithinMs);
  const resetMs = performance.now() - frozenMs;
  outside.dome.actuators.set('strobe', false);
  await room.on();
  await room.until('the strobe, lit again', () => outside.dome.actuators.strobe, 180_000);
  const litMs = performance.now() - frozenMs;
  await outside.release('desk');
  await room.settled();
  await outside.resolveAll();
  return { vm_frozen_kernel_reset_s: seconds(resetMs), vm_frozen_kernel_strobe_s: seconds(litMs) };
}

/** Of the guest, seconds: the host asks with some delay. */
const uptime = "cut -d' ' -f1 /proc/uptime";
const startedAt = 'ExecMainStartTimestampMonotonic';

const mainPid = ({ machine }: GateRoom): Promise<string> =>
  machine.sh('systemctl show -p MainPID --value gate-agent');

const seconds = (ms: number): number => Math.round(ms / 100) / 10;
