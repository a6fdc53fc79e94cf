// Power cuts of the whole PC in the middle of an update: its root disk, where versions and updater lie, loses
// what was not flushed. However far the update had got, the PC boots into a complete version and a press
// becomes an alarm; then the next release is offered, and the next cut comes.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Chance, chanceOf } from '#test/e2e/support/random.ts';
import { alarms, current, offer, type Releases } from '../cases/update.ts';
import { run } from '../command.ts';
import { ServedDisk } from '../disk/served.ts';
import type { GateRoom } from '../room/room.ts';

export interface UpdateVmCuts {
  readonly cuts: number;
  /** From the offer to the verdict, about. */
  readonly updateMs: number;
  readonly seed: number;
  readonly dir: string;
  readonly releases: Releases;
  readonly told: (line: string) => void;
}

const requestsMax = 8;
/** What the installed version is made of, written when it was sound. */
const sums = '/root/installed.sums';

export async function cutUpdateVm(room: GateRoom, setup: UpdateVmCuts) {
  const { cuts, dir, told, seed, updateMs, releases } = setup;
  const chance = chanceOf(seed);
  const image = join(dir, 'root.lossy');
  await room.machine.sh(
    `cd /opt/gate-agent/current && find . -type f -exec sha256sum {} + >${sums}`,
  );
  const installed = await current(room);
  await room.machine.off();
  await run(['cp', '--sparse=always', '--reflink=auto', room.root, image]);
  let disk = await powerOn(room, image, join(dir, 'root.sock'), chance);
  await room.settled(600_000);
  const figures = { cuts: 0, boots: 0, alarms: 0, unfinished: 0, dirtyCuts: 0 };
  while (figures.cuts < cuts) {
    await offer(room, releases.write(`98.1.${figures.cuts}`));
    const afterMs = Math.round(chance.next() * updateMs);
    await pause(afterMs);
    const before = await room.machine.ask('ls -a /opt/gate-agent/versions /opt/gate-agent/update');
    const cut = await disk.cutAfter(Math.floor(chance.next() * requestsMax), () =>
      room.machine.freeze(),
    );
    await room.machine.kill();
    figures.cuts++;
    if (cut.unflushed > 0) figures.dirtyCuts++;
    // A version in the making, or one without a verdict.
    if (/^(\.new-.*|in|switch)$/m.test(before.text)) figures.unfinished++;
    disk = await powerOn(room, image, join(dir, 'root.sock'), chance);
    figures.boots++;
    await complete(room, installed);
    await alarms(room);
    figures.alarms++;
    const line = { afterMs, before: before.text.split('\n'), now: await current(room), cut };
    told(`cut ${figures.cuts} (seed ${seed}): ${JSON.stringify(line)}`);
  }
  await room.machine.off();
  return figures;
}

async function powerOn(room: GateRoom, image: string, path: string, chance: Chance) {
  const disk = new ServedDisk(
    {
      ...{ image, random: chance.next },
      lose: chance.pick(['all', 'random']),
      sectorBytes: chance.pick([512, 4096]),
    },
    path,
  );
  await disk.open();
  await room.on({ root: disk.address });
  return disk;
}

/** Every file of the version that runs is what it should be. */
async function complete(room: GateRoom, installed: string): Promise<void> {
  const version = await current(room);
  const list = version === installed ? sums : '/tmp/list';
  const folder = `/opt/gate-agent/versions/${version}`;
  if (version !== installed)
    await room.machine.sh(`grep -E '^[0-9a-f]{64}  ' ${folder}/manifest >/tmp/list`);
  await room.machine.sh(`cd ${folder} && sha256sum --check --strict --quiet ${list}`, 300_000);
}
