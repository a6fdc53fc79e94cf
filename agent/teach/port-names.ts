// The serial ports that this machine has, each under the name that stays.

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../refusal.ts';

export interface SeenPort {
  /** What belongs into the configuration. */
  readonly path: string;
  /** What the kernel calls it this time. */
  readonly device: string;
  /** The kernel talks there. */
  readonly isConsole: boolean;
}

const root = '/sys/class/tty';
/** By maker and serial number; by socket (systemd/gate-agent.udev). */
const stable = ['/dev/serial/by-id', '/dev/gate'];
/** `type` of a port whose UART nobody has found: /dev/ttyS4 and its like are there on every PC. */
const noUart = '0';

/** Every serial port with hardware behind it. */
export function serialPorts(): SeenPort[] {
  const consoles = textOf(join(root, 'console/active'))?.split(' ') ?? [];
  const names = stable.flatMap(linksIn);
  return listed(root)
    .filter((name) => existsSync(join(root, name, 'device')))
    .filter((name) => textOf(join(root, name, 'type')) !== noUart)
    .map((name): SeenPort => {
      const device = join('/dev', name);
      const path = names.find((link) => link.device === device)?.path ?? device;
      return { path, device, isConsole: consoles.includes(name) };
    })
    .filter(({ device }) => existsSync(device));
}

/** A port that a person names: the pseudo terminal of a port server. Throws a `Refusal`. */
export function portNamed(path: string): SeenPort {
  const device = deviceOf(path);
  // To open another device may do harm: a watchdog's starts it.
  if (device === null || !/^\/dev\/(pts\/\d+|tty[A-Z]+\d+)$/.test(device))
    throw new Refusal([{ field: 'port', value: path, hint: 'the path of a serial port' }]);
  return { path, device, isConsole: false };
}

/** What a path leads to, null where it leads nowhere. */
export const deviceOf = (path: string): string | null => orNull(() => realpathSync(path));

const linksIn = (directory: string): { path: string; device: string | null }[] =>
  listed(directory).map((name) => {
    const path = join(directory, name);
    return { path, device: deviceOf(path) };
  });

const listed = (directory: string): string[] => orNull(() => readdirSync(directory).sort()) ?? [];

const textOf = (file: string): string | null => orNull(() => readFileSync(file, 'utf8').trim());

/** An adapter may be pulled between two looks at it. */
function orNull<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch {
    return null;
  }
}
