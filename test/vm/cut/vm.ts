// Power cuts of the whole PC: at a random moment around a press the guest stops, and its data disk loses
// what was not flushed. Box and dome lose their power, too: only the terminal's disk remembers. Every
// other press meets a line that is down, so that nothing but the disk can carry them. Every press that the
// lamp called stored must be at the platform after the next boot, and the strobe on again.
// With `nobarrier` no flush reaches the disk: that control must lose.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Chance, chanceOf } from '#test/e2e/support/random.ts';
import { until } from '#test/support/wait.ts';
import { makeImage } from '../disk/mounted.ts';
import { ServedDisk } from '../disk/served.ts';
import { type BoxInput, boxInputs } from '../room/outside.ts';
import type { GateRoom } from '../room/room.ts';
import { unsound } from './sound.ts';

export interface VmCuts {
  /** So many; of the control at most. */
  readonly cuts: number;
  readonly nobarrier: boolean;
  readonly seed: number;
  readonly dir: string;
  readonly told: (line: string) => void;
}

export interface VmCutFigures {
  readonly cuts: number;
  /** Presses that the lamp called stored before the cut. */
  readonly stored: number;
  readonly lost: number;
  /** Cuts after which a press was missing or the database was not sound. */
  readonly badCuts: number;
  /** Cuts at which the disk had something to lose. */
  readonly dirtyCuts: number;
}

interface Scene extends VmCuts {
  readonly room: GateRoom;
  readonly image: string;
  readonly chance: Chance;
}

const imageMb = 96;
const pressToCutMsMax = 1200;
const requestsMax = 8;
const arriveWithinMs = 180_000;
/** What the lamp was told before the cut is on its way to the box. */
const drainMs = 200;

/** The root disk forgets: each life of the PC begins with the same installed system. */
export async function cutVm(room: GateRoom, setup: VmCuts): Promise<VmCutFigures> {
  const { cuts, dir, nobarrier, seed, told } = setup;
  const scene = { ...setup, room, image: join(dir, 'lossy.ext4'), chance: chanceOf(seed) };
  const figures = { cuts: 0, stored: 0, lost: 0, badCuts: 0, dirtyCuts: 0 };
  await makeImage(scene.image, imageMb);
  let disk = await powerOn(scene);
  await room.settled();
  // The control has shown what it is for at its first loss.
  while (figures.cuts < cuts && !(nobarrier && figures.lost > 0)) {
    if (nobarrier) await room.machine.sh('mount -o remount,nobarrier /var/lib/gate-agent');
    const isLineUp = !nobarrier && figures.cuts % 2 === 1;
    if (!isLineUp) await room.outside.broker.down();
    const { input, before, isStored, cut } = await pressAndCut(scene, disk);
    const wrong = await unsound(scene.image, dir);
    // What is broken says nothing about the next cut.
    if (wrong.length > 0) await makeImage(scene.image, imageMb);
    if (!isLineUp) await room.outside.broker.up();
    disk = await powerOn(scene);
    const { isThere, known } = await arrives(scene, input, before, isStored);
    await lightsAgain(room, known);
    figures.cuts++;
    if (isStored) figures.stored++;
    if (isStored && !isThere) figures.lost++;
    if ((isStored && !isThere) || wrong.length > 0) figures.badCuts++;
    if (cut.unflushed > 0) figures.dirtyCuts++;
    const line = { input, isLineUp, isStored, isThere, wrong, cut };
    told(`cut ${figures.cuts} (seed ${seed}): ${JSON.stringify(line)}`);
  }
  await room.machine.off();
  return figures;
}

async function powerOn({ room, image, chance, dir }: Scene): Promise<ServedDisk> {
  const disk = new ServedDisk(
    {
      ...{ image, random: chance.next },
      lose: chance.pick(['all', 'random']),
      sectorBytes: chance.pick([512, 4096]),
    },
    join(dir, 'data.sock'),
  );
  await disk.open();
  await room.on({ data: disk.address, forgets: true });
  return disk;
}

async function pressAndCut({ room, chance }: Scene, disk: ServedDisk) {
  const { outside, machine } = room;
  const input = chance.pick(boxInputs);
  const before = alarmsOf(room, input);
  const from = outside.box.history.length;
  await pause(chance.next() * 1000);
  outside.press(input);
  await pause(chance.next() * pressToCutMsMax);
  const cut = await disk.cutAfter(Math.floor(chance.next() * requestsMax), () => machine.freeze());
  await pause(drainMs);
  const isStored = outside.wordsSince(from).includes('stored');
  await machine.kill();
  outside.box.powerOff();
  await outside.release(input);
  outside.box.powerOn();
  await outside.dome.reboot();
  return { input, before, isStored, cut };
}

/** Waits for the alarm where it is owed; else until nothing is left that could be told. */
async function arrives(scene: Scene, input: BoxInput, before: number, isOwed: boolean) {
  const { room, nobarrier } = scene;
  const isThere = () => alarmsOf(room, input) > before;
  if (isOwed && !nobarrier)
    await until(() => isThere(), { withinMs: arriveWithinMs, what: 'the alarm' }).catch(
      (error: Error) => scene.told(error.message),
    );
  const { incidents } = await room.settled(300_000);
  const known = incidents.map(({ id }) => id);
  const told = room.outside.open.filter((id) => !known.includes(id));
  // What the lamp called stored the terminal still has, too; not only the platform.
  const last = room.outside.raised.findLast((raised) => raised.input === input)?.incident ?? '';
  return { isThere: isThere() && !(isOwed && told.includes(last)), known };
}

/** Where an incident is open the strobe is on again; then it is resolved. */
async function lightsAgain(room: GateRoom, known: readonly string[]): Promise<void> {
  const { outside } = room;
  outside.toldOnly(outside.open.filter((id) => !known.includes(id)));
  if (outside.open.length > 0) await room.until('the strobe', () => outside.dome.actuators.strobe);
  await outside.resolveAll();
  await room.until('a dark dome', () => !outside.dome.actuators.strobe);
}

const alarmsOf = ({ outside }: GateRoom, input: BoxInput): number =>
  outside.raised.filter((raised) => raised.input === input).length;
