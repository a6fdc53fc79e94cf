// The dome breaks. The alarm does not notice; what is wrong is one fault; the strobe, judged at the
// simulator's actuators, is on when the dome is well again, and not before it can be.

import { type Hostility, hostilities } from '#agent/sim/dome/hostile.ts';
import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';

/** As without a fault: the dome is none of the alarm's business. */
const alarmWithinMs = 500;
/** A call that hangs takes 2 s, and the next try comes 2.5 s later at most. */
const litAgainWithinMs = 8_000;
/** Wrong passwords before it is quiet, where the password had worked before. */
const wrongTriesMax = 5;

/** Connected, authenticated, and turned to where the guard wants it. */
async function connected({ house, room }: Scene): Promise<void> {
  await house.until('the dome to be connected', () => room.dome.actuators.preset === '1');
}

const lit = ({ house, room }: Scene, what: string): Promise<unknown> =>
  house.until(`the strobe ${what}`, () => room.dome.actuators.strobe, litAgainWithinMs);

function dark({ room }: Scene, when: string): void {
  if (room.dome.actuators.strobe) throw new Error(`the strobe is on ${when}`);
}

/** The alarm comes while the dome is hostile; light follows when it is well. */
const hostile = (how: Hostility, fault: string | null): Fault => ({
  name: `dome/${how}`,
  what: `the dome ${hostilities[how]}`,
  expect: { alarmWithinMs, tells: fault ? [fault] : [] },
  story: async (scene) => {
    const { dome } = scene.room;
    await scene.start();
    await connected(scene);
    dome.turn(how);
    await scene.press();
    await scene.arrived();
    if (fault) await scene.told(fault);
    await scene.press();
    await scene.arrived();
    dark(scene, 'though the dome does nothing');
    dome.turn(null);
    scene.mended();
    await lit(scene, 'after the end of it');
  },
});

export const domeFaults: readonly Fault[] = [
  hostile('hang-accept', 'dome.lost'),
  hostile('hang-request', 'dome.lost'),
  hostile('drip', 'dome.lost'),
  hostile('ten-megabytes', 'dome.lost'),
  hostile('endless', 'dome.lost'),
  hostile('dense', 'dome.lost'),
  hostile('garbage', 'dome.lost'),
  hostile('other-answer', 'dome.lost'),
  hostile('cut-answer', 'dome.lost'),
  // The rehearsal's relays cannot be read back: nobody can know, so the command is repeated.
  hostile('lies', null),
  {
    name: 'dome/nonce-once',
    what: `the dome ${hostilities['nonce-once']}`,
    expect: { alarmWithinMs, strobeWithinMs: 1_000 },
    story: async (scene) => {
      await scene.start();
      await connected(scene);
      scene.room.dome.turn('nonce-once');
      await scene.press();
      await lit(scene, 'all the same');
    },
  },
  {
    name: 'dome/clock',
    what: `the dome ${hostilities.clock} in mid-alarm`,
    expect: { alarmWithinMs, strobeWithinMs: 1_000 },
    story: async (scene) => {
      const { dome } = scene.room;
      await scene.start();
      await connected(scene);
      dome.turn('clock');
      await scene.press();
      await lit(scene, 'all the same');
    },
  },
  {
    name: 'dome/password',
    what: `the dome ${hostilities.password}; put right, the terminal restarted`,
    expect: { alarmWithinMs, tells: ['dome.unauthorized'] },
    withinMs: 90_000,
    story: async (scene) => {
      const { dome } = scene.room;
      await scene.start();
      await connected(scene);
      dome.turn('password');
      await scene.press();
      await scene.arrived();
      await scene.told('dome.unauthorized');
      dark(scene, 'without a password');
      const wrong = dome.log.filter(
        ({ accepted, auth, hostility }) => !accepted && auth !== 'none' && hostility === 'password',
      );
      if (wrong.length > wrongTriesMax) throw new Error(`${wrong.length} wrong passwords`);
      await scene.kill('SIGTERM');
      dome.turn(null);
      await scene.start();
      await lit(scene, 'after the restart');
    },
  },
  {
    name: 'dome/reboots',
    what: `the dome ${hostilities.reboots}, every 20 s for 3 s`,
    expect: { alarmWithinMs, strobeWithinMs: 1_000, tells: ['dome.lost'] },
    withinMs: 120_000,
    story: async (scene) => {
      const { room, house } = scene;
      const { history } = room.dome.actuators;
      await scene.start();
      await connected(scene);
      room.dome.turn('reboots');
      await scene.press();
      await lit(scene, 'before the first reboot');
      for (let reboots = 1; reboots <= 3; reboots += 1) {
        const forgot = () =>
          history.filter(({ what, on }) => what === 'strobe' && !on).length === reboots;
        await house.until(`reboot ${reboots}`, forgot, 30_000);
        await scene.press();
        await lit(scene, `after reboot ${reboots}`);
        const isTurned = () => room.dome.actuators.preset === '2';
        await house.until(`the alarm preset after reboot ${reboots}`, isTurned, litAgainWithinMs);
      }
    },
  },
  {
    name: 'dome/gone',
    what: 'the dome has lost its power when the alarm comes, and gets it back',
    expect: { alarmWithinMs, tells: ['dome.lost'] },
    story: async (scene) => {
      const { dome } = scene.room;
      await scene.start();
      await connected(scene);
      await dome.down();
      await scene.press();
      await scene.arrived();
      await scene.told('dome.lost');
      dark(scene, 'though the dome is gone');
      await dome.up();
      scene.mended();
      await lit(scene, 'after its return');
    },
  },
];
