// Which way to the lines this machine has: the character device, or sysfs where that is all there is.

import type { Clock } from '../ports.ts';
import { lineInfoRequest, requests } from './abi.ts';
import { CharDevice } from './chardev.ts';
import { chipPaths, withChip } from './chips.ts';
import type { DriverName, Kernel } from './kernel.ts';
import { loadNative, type Native } from './native.ts';
import { hasSysfs, hasSysfsChips, Sysfs } from './sysfs.ts';
import { codeOf } from './troubles.ts';

export interface Chosen {
  readonly kernel: Kernel;
  /** Why it is not the better way; null where it is, or where the configuration wants this one. */
  readonly why: string | null;
}

/** Throws only where neither way can be loaded at all. A machine without any chip gets the character
 * device: its lines will say that there is none, and an adapter may still be plugged in. */
export async function chooseKernel(wanted: 'auto' | DriverName, clock: Clock): Promise<Chosen> {
  if (wanted === 'sysfs') return { kernel: await sysfs(clock), why: null };
  const native = nativeOr();
  if (!(native instanceof Error)) {
    if (wanted === 'chardev' || !isOld(native))
      return { kernel: new CharDevice(native, clock), why: null };
    return { kernel: await sysfs(clock), why: null };
  }
  if (wanted === 'chardev' || !hasSysfs()) throw native;
  return { kernel: await sysfs(clock), why: native.message };
}

function nativeOr(): Native | Error {
  try {
    return loadNative();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Kernels before 5.10 have chips whose character device does not know our requests, others are built
 * without one. Where there is no chip at all yet, one of today's is expected. */
function isOld(native: Native): boolean {
  const paths = chipPaths();
  return hasSysfsChips() && !paths.some((path) => speaksVersion2(native, path));
}

function speaksVersion2(native: Native, path: string): boolean {
  try {
    withChip(path, (fd) => native.ioctl(fd, requests.lineInfo, lineInfoRequest(0)));
    return true;
  } catch (error) {
    return !['EINVAL', 'ENOTTY'].includes(codeOf(error));
  }
}

const sysfs = async (clock: Clock): Promise<Kernel> =>
  new Sysfs((await import('onoff')).Gpio, clock);
