// The command line of QEMU: a small PC with two disks, a 16550 serial line, a USB port, a hardware
// watchdog and the gate room's own virtio port. A reset ends it (under emulation a warm reset takes
// longer than a new process).

import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `image/cache.ts` has built. */
export interface Images {
  readonly kernel: string;
  readonly initrd: string;
  readonly root: string;
}

export interface Devices {
  /** Sockets, pid file, console. */
  readonly dir: string;
  readonly images: Images;
  /** Root disk of this machine, a file or an NBD address; absent: that of the images, and what is written
   * to it is forgotten. */
  readonly root?: string;
  /** Second disk, /var/lib/gate-agent: a file or an NBD address. */
  readonly data: string;
  /** A tty of this host: /dev/ttyS1 of the guest. */
  readonly serial: string;
  /** Folder that the guest can mount as `share`; `checkout` is another. */
  readonly share: string;
}

/** A software KVM without vmx or svm emulates an unmodified kernel: QEMU's own emulation is faster. */
export function accelerator(): 'kvm' | 'tcg' {
  try {
    accessSync('/dev/kvm', constants.W_OK);
  } catch {
    return 'tcg';
  }
  return /\b(vmx|svm)\b/.test(readFileSync('/proc/cpuinfo', 'utf8')) ? 'kvm' : 'tcg';
}

const checkout = join(import.meta.dirname, '../../..');

const words = [
  'root=/dev/vda rw console=ttyS0 quiet panic=5',
  // The simulated board has two watchdogs; one is meant.
  'module_blacklist=iTCO_wdt',
  // A third of the time under emulation.
  'mitigations=off',
].join(' ');

const rootCache = (root: string | undefined): string => {
  if (root === undefined) return ',snapshot=on';
  return root.startsWith('nbd') ? ',cache=none' : ',cache=unsafe';
};

export function commandLine({ dir, images, root, data, serial, share }: Devices): string[] {
  const accel = accelerator();
  const at = (name: string) => join(dir, name);
  const socket = (id: string) => `socket,id=${id},server=on,wait=off,path=${at(id)}`;
  const folder = (tag: string, path: string) =>
    `local,mount_tag=${tag},security_model=none,readonly=on,path=${path}`;
  const disk = (id: string, file: string, more: string) => [
    ...['-drive', `if=none,id=${id},format=raw,file=${file}${more}`],
    ...['-device', `virtio-blk-pci,drive=${id}`],
  ];
  return [
    ...['-name', 'gate', '-nodefaults', '-no-user-config', '-display', 'none', '-machine', 'q35'],
    ...['-smp', '2', '-m', '1024', '-accel', accel],
    // Emulation: node without AVX is faster. KVM: QEMU 7.2 dies of arch-capabilities on a nested AMD.
    ...['-cpu', accel === 'kvm' ? 'host,arch-capabilities=off' : 'qemu64'],
    ...['-kernel', images.kernel, '-initrd', images.initrd, '-append', words],
    // This host does not fail: a flush of dpkg need not wait for its disk. Unless that is what is tried.
    ...disk('root', root ?? images.root, rootCache(root)),
    ...disk('data', data, ',cache=none'),
    ...['-chardev', `file,id=console,append=on,path=${at('console.log')}`],
    ...['-serial', 'chardev:console'],
    ...['-chardev', `serial,id=tty1,path=${serial}`, '-serial', 'chardev:tty1'],
    ...['-device', 'virtio-serial-pci', '-chardev', socket('ctl')],
    ...['-device', 'virtserialport,chardev=ctl,name=room.ctl'],
    ...['-virtfs', folder('share', share), '-virtfs', folder('checkout', checkout)],
    ...['-netdev', 'user,id=net0', '-device', 'virtio-net-pci,netdev=net0,romfile='],
    ...['-device', 'virtio-rng-pci', '-device', 'qemu-xhci'],
    ...['-device', 'i6300esb', '-action', 'watchdog=reset,reboot=shutdown'],
    ...['-qmp', `unix:${at('qmp')},server=on,wait=off`],
  ];
}
