// The disk under the records: room, wear, errors, as far as the kernel tells them to anybody. What only root
// may ask (SMART of SATA, NVMe's log) is absent, and so is everything on a disk of a virtual machine.

import { realpath, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { MachineFigures } from '../../core/machine.ts';
import { entries, lineOf, numberIn, orNull } from './read.ts';

export type DiskFigures = Pick<
  MachineFigures,
  'diskFreeMb' | 'diskTotalMb' | 'diskWearPercent' | 'diskWrittenGb' | 'diskErrors'
>;

/**
 * @param dir a directory on it.
 * @param root `/`, or a directory that stands for it.
 */
export async function diskOf(dir: string, root: string): Promise<DiskFigures> {
  const device = await orNull(() => deviceOf(dir, root));
  const room = await roomOf(dir);
  if (device === null)
    return { ...room, diskWearPercent: null, diskWrittenGb: null, diskErrors: null };
  const ext4 = join(root, 'sys/fs/ext4', basename(device));
  const writtenKb = await numberIn(join(ext4, 'lifetime_write_kbytes'));
  return {
    ...room,
    diskWearPercent: await wearOf(device),
    diskWrittenGb: writtenKb === null ? null : Math.round(writtenKb / 2 ** 20),
    diskErrors: await numberIn(join(ext4, 'errors_count')),
  };
}

async function roomOf(dir: string): Promise<Pick<DiskFigures, 'diskFreeMb' | 'diskTotalMb'>> {
  const told = await orNull(() => statfs(dir));
  if (!told) return { diskFreeMb: null, diskTotalMb: null };
  const mb = (count: number) => Math.floor((count * told.bsize) / 2 ** 20);
  return { diskFreeMb: mb(told.bavail), diskTotalMb: mb(told.blocks) };
}

/** Directory of its partition below /sys/devices. tmpfs and the like have none. */
async function deviceOf(dir: string, root: string): Promise<string> {
  const { dev } = await stat(dir);
  // As glibc's major() and minor() take a dev_t apart.
  const major = (Math.floor(dev / 2 ** 32) & ~0xfff) | ((dev >> 8) & 0xfff);
  const minor = (Math.floor(dev / 4096) & ~0xff) | (dev & 0xff);
  return realpath(join(root, `sys/dev/block/${major}:${minor}`));
}

/** EXT_CSD of eMMC 5.0 and later (JESD84-B51, registers 267 to 269): two kinds of memory in steps of
 * 10 %, 0x0B beyond the end; and how much of the reserve is used. Its upper end: the worst it may be. */
async function wearOf(device: string): Promise<number | null> {
  for (const disk of await disksUnder(device)) {
    const life = (await lineOf(join(disk, 'device/life_time'))) ?? '';
    const steps = life.split(/\s+/).map(Number);
    const known = steps.filter((step) => step >= 0x01 && step <= 0x0b);
    if (known.length === 0) continue;
    const reserve = Number((await lineOf(join(disk, 'device/pre_eol_info'))) ?? 0);
    const byReserve = reserve >= 3 ? 110 : reserve === 2 ? 90 : 0;
    return Math.max(...known.map((step) => step * 10), byReserve);
  }
  return null;
}

/** The disk of a partition, or those that a mapped or encrypted device lies on. */
async function disksUnder(device: string, depth = 4): Promise<string[]> {
  const below = await entries(join(device, 'slaves'), /./);
  if (below.length === 0 || depth === 0) return [device, dirname(device)];
  const found: string[] = [];
  for (const one of below) found.push(...(await disksUnder(await realpath(one), depth - 1)));
  return found;
}
