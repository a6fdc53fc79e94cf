// The parts of `npm run test:vm`, in their order. A part that needs another's work says so; a room stays
// installed from `install` on, and each case leaves it as it found it: configured, armed, no incident.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bareToAccepted } from './cases/accepted.ts';
import { dongle } from './cases/dongle.ts';
import { drivers, edgeToRow, gpio, type Wiring } from './cases/gpio.ts';
import { press } from './cases/press.ts';
import { Releases, trust, update } from './cases/update.ts';
import { asVersion, upgrade } from './cases/upgrade.ts';
import { frozenDaemon, frozenKernel } from './cases/watchdog.ts';
import { run } from './command.ts';
import { cutFast } from './cut/fast.ts';
import { cutUpdate } from './cut/update.ts';
import { cutUpdateVm } from './cut/update-vm.ts';
import { cutVm } from './cut/vm.ts';
import { images } from './image/cache.ts';
import type { Images } from './room/qemu.ts';
import { GateRoom } from './room/room.ts';

export interface Context {
  readonly dir: string;
  readonly told: (line: string) => void;
  /** Package to test, and another version of it; null: made from this checkout. */
  readonly deb: string | null;
  readonly other: string | null;
  readonly cuts: number;
  readonly controlCuts: number;
  readonly fastCuts: number;
  readonly gpioPresses: number;
  readonly updateCuts: number;
  readonly seed: number;
  /** What earlier parts have left. */
  readonly made: { images?: Images; deb?: string; room?: GateRoom };
}

type Figures = Readonly<Record<string, number>>;

export interface Part {
  readonly needs: readonly string[];
  run(context: Context): Promise<Figures>;
}

const root = join(import.meta.dirname, '../..');
const inRoom = ['images', 'package', 'install'];

/** A case of the installed room. */
const roomCase = (test: (room: GateRoom, context: Context) => Promise<Figures>): Part => ({
  needs: inRoom,
  run: (context) => test(made(context, 'room'), context),
});

export const parts: { readonly [name: string]: Part } = {
  'cut-fast': { needs: [], run: fastCuts },
  'cut-update': { needs: [], run: updateCuts },
  images: {
    needs: [],
    async run({ made, told }) {
      made.images = await images(told);
      return {};
    },
  },
  package: {
    needs: [],
    async run(context) {
      context.made.deb = context.deb ?? (await makePackage());
      return {};
    },
  },
  install: { needs: ['images', 'package'], run: install },
  // A room and a PC of its own: nothing of this one is installed yet.
  accepted: { needs: ['images', 'package'], run: acceptance },
  press: roomCase(press),
  dongle: roomCase((room, { dir }) => dongle(room, dir)),
  'gpio-drivers': roomCase(async (room) => {
    await drivers(room);
    return {};
  }),
  gpio: roomCase(gpioCases),
  'gpio-rows': roomCase(gpioRows),
  'frozen-daemon': roomCase(frozenDaemon),
  'frozen-kernel': roomCase(frozenKernel),
  upgrade: roomCase(async (room, context) => {
    const deb = made(context, 'deb');
    const other = context.other ?? (await asVersion(deb, '99.0.0', context.dir));
    return upgrade(room, { deb, other });
  }),
  update: roomCase((room, context) =>
    update(room, made(context, 'deb'), join(context.dir, 'update')),
  ),
  // Last: they pull the plug, and the room is off afterwards.
  'cut-vm': { needs: inRoom, run: vmCuts },
  'cut-update-vm': { needs: inRoom, run: updateVmCuts },
};

const edges: Wiring = { driver: 'chardev', interrupts: true };
const sysfs: Wiring = { driver: 'sysfs', interrupts: true };
const polled: Wiring = { driver: 'chardev', interrupts: false };

async function gpioCases(room: GateRoom) {
  for (const wiring of [edges, sysfs, polled]) await gpio(room, wiring);
  await room.configure(room.outside.config());
  await room.settled();
  return {};
}

async function gpioRows(room: GateRoom, { gpioPresses: presses }: Context) {
  const [v2, onoff] = [
    await edgeToRow(room, edges, presses),
    await edgeToRow(room, sysfs, presses),
  ];
  await room.configure(room.outside.config());
  await room.settled();
  const named = (driver: string, { step, row, late }: typeof v2) => ({
    [`gpio_${driver}_to_step_p50_ms`]: step.p50,
    [`gpio_${driver}_to_step_p99_ms`]: step.p99,
    [`gpio_${driver}_to_row_p50_ms`]: row.p50,
    [`gpio_${driver}_to_row_p99_ms`]: row.p99,
    [`gpio_${driver}_rows_late`]: late,
  });
  return { gpio_presses: presses, ...named('v2', v2), ...named('sysfs', onoff) };
}

function made<K extends keyof Context['made']>(
  context: Context,
  what: K,
): NonNullable<Context['made'][K]> {
  const found = context.made[what];
  assert(found, `${what} is made by an earlier part`);
  return found;
}

async function fastCuts({ dir, fastCuts: cuts, controlCuts, seed, told }: Context) {
  const setup = { dir: join(dir, 'fast'), seed };
  const real = await cutFast({ ...setup, cuts, options: 'defaults', told });
  told(JSON.stringify(real));
  assert.equal(real.badCuts, 0);
  const quiet = () => undefined;
  const options = 'nobarrier';
  const control = await cutFast({ ...setup, cuts: controlCuts, options, told: quiet });
  told(`control: ${JSON.stringify(control)}`);
  assert.ok(control.lostPresses > 0, 'the control lost nothing: this test finds nothing');
  return {
    power_cuts_fast: real.cuts,
    power_cuts_fast_presses: real.confirmed,
    power_cuts_fast_lost_presses: real.lostPresses,
    power_cuts_fast_control_lost: control.lostPresses,
  };
}

async function updateCuts({ dir, fastCuts, controlCuts, seed, told }: Context) {
  const setup = { dir: join(dir, 'cut-update'), seed };
  const cuts = Math.ceil(fastCuts / 3);
  const real = await cutUpdate({ ...setup, cuts, options: 'defaults', told });
  told(JSON.stringify(real));
  assert.equal(real.badCuts, 0);
  const quiet = () => undefined;
  const control = await cutUpdate({
    ...setup,
    cuts: controlCuts,
    options: 'nobarrier',
    told: quiet,
  });
  told(`control: ${JSON.stringify(control)}`);
  assert.ok(control.badCuts > 0, 'the control lost nothing: this test finds nothing');
  return {
    update_cuts_fast: real.cuts,
    update_cuts_fast_bad: real.badCuts,
    update_cuts_fast_control_bad: control.badCuts,
  };
}

async function vmCuts(context: Context) {
  const { dir, cuts, controlCuts, seed, told } = context;
  const room = made(context, 'room');
  await room.machine.off();
  const setup = { dir: join(dir, 'cut'), seed, told };
  const real = await cutVm(room, { ...setup, cuts, nobarrier: false });
  told(JSON.stringify(real));
  assert.equal(real.badCuts, 0);
  assert.ok(real.stored > 0, 'no lamp said stored before its cut');
  const control = await cutVm(room, { ...setup, cuts: controlCuts, nobarrier: true });
  told(`control: ${JSON.stringify(control)}`);
  assert.ok(control.lost > 0, 'the control lost nothing: this test finds nothing');
  return {
    power_cuts_vm: real.cuts,
    power_cuts_vm_stored: real.stored,
    power_cuts_vm_lost_presses: real.lost,
    power_cuts_vm_control_lost: control.lost,
  };
}

/** Some 100 s from the offer to the verdict, 60 of them the watch; under emulation twice as long. */
const updateMs = 200_000;

async function updateVmCuts(context: Context) {
  const { updateCuts: cuts, seed, told } = context;
  const room = made(context, 'room');
  const dir = join(context.dir, 'cut-update-vm');
  const isOff = (await room.machine.ask('true').catch((error: Error) => error)) instanceof Error;
  if (isOff) await room.on();
  await trust(room);
  const releases = await Releases.of(made(context, 'deb'), dir, room.outside.share);
  const real = await cutUpdateVm(room, { cuts, updateMs, seed, dir, releases, told });
  told(JSON.stringify(real));
  assert.equal(real.alarms, cuts);
  return {
    update_cuts_vm: real.cuts,
    update_cuts_vm_unfinished: real.unfinished,
    update_cuts_vm_booted_and_alarmed: real.alarms,
  };
}

/** A bare Debian becomes an armed terminal by one package and one configuration. */
async function install(context: Context) {
  const { dir } = context;
  const room = await GateRoom.open({ dir: join(dir, 'room'), images: made(context, 'images') });
  context.made.room = room;
  const [bootMs, installMs, armMs] = [
    await took(() => room.on()),
    await took(() => room.install(made(context, 'deb'))),
    await took(async () => {
      await room.configure(room.outside.config());
      await room.settled();
    }),
  ];
  return {
    vm_boot_s: seconds(bootMs),
    vm_install_s: seconds(installMs),
    vm_configured_to_armed_s: seconds(armMs),
  };
}

async function acceptance(context: Context) {
  const dir = join(context.dir, 'accepted');
  const room = await GateRoom.open({ dir, images: made(context, 'images') });
  try {
    return await bareToAccepted(room, made(context, 'deb'), context.told);
  } finally {
    await room.close();
  }
}

async function makePackage(): Promise<string> {
  const script = join(root, 'scripts/package.ts');
  const said = await run([process.execPath, script, 'amd64'], { withinMs: 600_000 });
  const [, file] = /^(\S+\.deb) /m.exec(said) ?? [];
  assert(file, `scripts/package.ts said: ${said}`);
  return join(root, file);
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;
