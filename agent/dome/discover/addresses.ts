// Where to look for domes that nobody's multicast reaches: an address that a person typed, or a range of
// them, within bounds.

import { connect, isIP } from 'node:net';
import type { Clock } from '../../ports.ts';
import { Refusal } from '../../refusal.ts';

/** Where domes have their ONVIF. */
export const usualPorts = [80, 8000, 8899, 2020] as const;
export const servicePath = '/onvif/device_service';
/** Four networks of 256. */
export const addressesMax = 1024;
const knocksAtOnce = 64;
const knockMs = 700;

const refuse = (field: string, value: string, hint: string): never => {
  throw new Refusal([{ field, value, hint }], field);
};

/** Addresses of the device service to try, in order. */
export function typedAddress(typed: string): readonly string[] {
  const field = '--address';
  if (/^https?:\/\//i.test(typed)) {
    if (!URL.canParse(typed))
      return refuse(field, typed, 'is no address such as http://HOST:PORT/');
    const url = new URL(typed);
    if (url.username !== '') return refuse(field, url.host, 'no user in it: --user');
    if (url.pathname === '/') url.pathname = servicePath;
    return [url.href];
  }
  const bare = isIP(typed) === 6 ? `[${typed}]` : typed;
  const [, port] = /:(\d{1,5})$/.exec(bare.replace(/^\[.*\]/, '')) ?? [];
  const ports = port === undefined ? usualPorts.map((one) => `:${one}`) : [''];
  const urls = ports.map((one) => `http://${bare}${one}${servicePath}`);
  const isRight = /^[\w.:[\]-]+$/.test(bare) && urls.every((url) => URL.canParse(url));
  return isRight ? urls : refuse(field, typed, 'is no host, host:port or http address');
}

/** `192.168.1.0/24` or `192.168.1.10-60`. Throws a `Refusal` where it is neither, or too many. */
export function rangeOf(typed: string): readonly string[] {
  const field = '--range';
  const [, from = '', bits, to] =
    /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d{1,2})|-(\d{1,3}))$/.exec(typed) ?? [];
  if (isIP(from) !== 4) return refuse(field, typed, 'is no range such as 192.168.1.0/24');
  const first = numberOf(from);
  if (to !== undefined) {
    const count = Number(to) - (first & 255) + 1;
    if (Number(to) > 255 || count < 1) return refuse(field, typed, 'ends before it begins');
    return Array.from({ length: count }, (_, n) => addressOf(first + n));
  }
  const size = 2 ** (32 - Number(bits));
  if (Number(bits) > 32 || size > addressesMax)
    return refuse(field, typed, `at most ${addressesMax} addresses: /22 or smaller`);
  const base = Math.floor(first / size) * size;
  const hosts = Array.from({ length: size }, (_, n) => addressOf(base + n));
  return size > 2 ? hosts.slice(1, -1) : hosts;
}

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const addressOf = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');

/** Device services that may be behind open doors of these hosts, at most so many knocks at once. */
export async function openDoors(
  hosts: readonly string[],
  clock: Clock,
  ports: readonly number[] = usualPorts,
): Promise<readonly string[]> {
  const waiting = hosts.flatMap((host) => ports.map((port) => ({ host, port })));
  const open: { host: string; port: number }[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      if (await isOpen(next, clock)) open.push(next);
  };
  await Promise.all(Array.from({ length: knocksAtOnce }, worker));
  return open.map(({ host, port }) => `http://${host}:${port}${servicePath}`).sort();
}

function isOpen(to: { readonly host: string; readonly port: number }, clock: Clock) {
  return new Promise<boolean>((done) => {
    const socket = connect(to);
    const cancel = clock.after(knockMs, () => end(false));
    const end = (isThere: boolean) => {
      cancel();
      socket.destroy();
      done(isThere);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
