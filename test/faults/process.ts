// Processes break: the daemon's and the broker's. A press that the box has counted is told by whatever
// runs next, once.

import { setTimeout as pause } from 'node:timers/promises';
import { terminalId } from '#agent/sim/room.ts';
import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';

const yearS = 365 * 24 * 3600;
/** As systemd would kill it; the daemon's own bound is 4.5 s. */
const endWithinMs = 5_000;
/** From the start of the daemon, its own start included. */
const startedAgain = { afterWithinMs: 5_000, lamp: ['received'] };

/** Pauses between two tries are random and grow to 20 s, so that a fleet does not fall upon its broker. */
const reconnectWithinMs = 22_000;
/** A stall of our own is not held against the box. */
const boxIsWell = ['box.desk.silent', 'box.desk.lamp'];

/** Ended somehow after the press, mended, and started again. */
async function again(scene: Scene, end: () => Promise<unknown>): Promise<void> {
  await end();
  scene.mended();
  scene.relay.release();
  await scene.start();
}

export const processFaults: readonly Fault[] = [
  {
    name: 'process/sigkill-unread',
    what: 'SIGKILL before the daemon has read the press, started again',
    expect: startedAgain,
    story: async (scene) => {
      await scene.start();
      scene.room.daemon.signal('SIGSTOP');
      await scene.press();
      await again(scene, () => scene.kill());
    },
  },
  {
    name: 'process/sigkill-stored',
    what: 'SIGKILL when the alarm is stored and not sent, started again',
    expect: startedAgain,
    story: async (scene) => {
      await scene.start();
      scene.relay.hold('up');
      await scene.press();
      await scene.lampSaid('stored');
      await again(scene, () => scene.kill());
    },
  },
  {
    name: 'process/sigkill-sent',
    what: 'SIGKILL when the platform has the alarm and the daemon does not know it',
    expect: { lamp: ['stored', 'received'] },
    story: async (scene) => {
      await scene.start();
      scene.relay.hold('down');
      await scene.press();
      await scene.arrived();
      await again(scene, () => scene.kill());
    },
  },
  {
    name: 'process/sigkill-volley',
    what: 'ten presses, SIGKILL 0, 4, 8 .. 36 ms after each',
    expect: { lamp: ['received'] },
    story: async (scene) => {
      for (let n = 0; n < 10; n++) {
        await scene.start();
        const { number } = scene.hold();
        await pause(n * 4);
        await scene.kill();
        scene.room.box.release(number);
      }
      await again(scene, () => scene.kill());
    },
  },
  {
    name: 'process/sigterm',
    what: 'SIGTERM right after the press, started again',
    // Sent before the end, or after the new start.
    expect: { alarmWithinMs: 5_000, lamp: ['received'] },
    story: async (scene) => {
      await scene.start();
      const { number } = scene.hold();
      await again(scene, () => scene.kill('SIGTERM'));
      scene.room.box.release(number);
    },
  },
  {
    name: 'process/sigterm-hang',
    what: 'SIGTERM while an fsync hangs: ends within 5 s, started again',
    preload: ['fsync'],
    expect: { alarmWithinMs: 500, strobeWithinMs: 500, tells: ['storage.failed'] },
    story: async (scene) => {
      await scene.start();
      await scene.hangDisk(true);
      await scene.press();
      await scene.press();
      await scene.arrived();
      const fromMs = performance.now();
      await scene.kill('SIGTERM');
      const tookMs = Math.round(performance.now() - fromMs);
      scene.house.check(`it ended after ${tookMs} ms`, tookMs <= endWithinMs);
      await scene.hangDisk(false);
      await scene.start();
    },
  },
  {
    name: 'process/memory',
    what: 'out of memory under its heap cap while one alarm is unsent and another comes',
    preload: ['trouble'],
    expect: startedAgain,
    story: async (scene) => {
      await scene.start();
      scene.relay.hold('up');
      await scene.press();
      await scene.lampSaid('stored');
      await scene.trouble('hog');
      await scene.press();
      const { daemon } = scene.room;
      await again(scene, () => scene.house.until('its end', () => !daemon.running, 30_000));
    },
  },
  {
    name: 'process/blocked',
    what: 'the event loop is blocked for 3 s at the press',
    preload: ['trouble'],
    expect: {
      ...{ alarmWithinMs: 4_000, strobeWithinMs: 4_000, lamp: ['stored', 'received'] },
      neverTells: boxIsWell,
    },
    story: async (scene) => {
      await scene.start();
      await scene.trouble('block 3000');
      await scene.press();
      await scene.press();
    },
  },
  {
    name: 'process/stopped',
    what: 'the process stands still for 3 s at the press (SIGSTOP)',
    expect: { afterWithinMs: 1_000, lamp: ['stored', 'received'], neverTells: boxIsWell },
    story: async (scene) => {
      await scene.start();
      scene.room.daemon.signal('SIGSTOP');
      await scene.press();
      await pause(3_000);
      scene.mended();
      scene.room.daemon.signal('SIGCONT');
    },
  },
  {
    name: 'process/clock-back',
    what: 'the clock is set back a year in mid-alarm; the platform resolves it all the same',
    preload: ['clock'],
    expect: { alarmWithinMs: 500, lamp: ['stored', 'received', 'stored', 'received'] },
    story: async (scene) => {
      await scene.start();
      await scene.press();
      await scene.settled();
      await scene.lampSaid('received');
      scene.setClock(-yearS);
      await scene.press();
      await scene.settled();
      const { desk } = scene.room.platform;
      for (const incident of scene.house.open)
        await desk.resolve(terminalId, incident, { withinMs: 10_000 });
      await scene.house.until('the strobe to be off', () => !scene.room.dome.actuators.strobe);
    },
  },
  {
    name: 'process/broker-sigkill',
    what: 'SIGKILL of the broker right after the press; it is back 2 s later',
    expect: { afterWithinMs: reconnectWithinMs, lamp: ['stored', 'received'] },
    story: async (scene) => {
      await scene.start();
      const { number } = scene.hold();
      await scene.house.broker.down('SIGKILL');
      scene.room.box.release(number);
      await scene.press();
      await pause(2_000);
      scene.mended();
      await scene.house.broker.up();
    },
  },
];
