// Network and clock of the machine as the panel shows them, read from the kernel's own files; nothing is set.

import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import type { SystemView } from './api.ts';

type Network = SystemView['network'];

const linesMax = 64;

export const networkNow = (): Omit<Network, 'broker' | 'online'> => ({
  hostname: hostname(),
  interfaces: Object.entries(networkInterfaces()).flatMap(([name, all = []]) => {
    const [first] = all;
    if (!first || first.internal) return [];
    const addresses = all.map(({ cidr, address }) => cidr ?? address);
    return [{ name, mac: first.mac, up: isUp(name), addresses }];
  }),
  gateways: [
    ...gatewaysOf(textOf('/proc/net/route')),
    ...gateways6Of(textOf('/proc/net/ipv6_route')),
  ],
  dns: dnsOf(textOf('/etc/resolv.conf')),
});

/** Empty where the kernel or the sandbox does not show it. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

const isUp = (name: string): boolean =>
  textOf(`/sys/class/net/${name}/operstate`).trim() !== 'down';

/** `/proc/net/route`: addresses in the machine's own byte order, which on ours is the little end first. */
export const gatewaysOf = (table: string): string[] =>
  table
    .split('\n')
    .slice(1, linesMax)
    .map((line) => line.split('\t'))
    .filter(([, to, gateway]) => to === '00000000' && gateway && gateway !== '00000000')
    .map(([, , gateway = '']) => Buffer.from(gateway, 'hex').reverse().join('.'));

const gateways6Of = (table: string): string[] =>
  table
    .split('\n')
    .slice(0, linesMax)
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([to, length, , , next]) =>
        /^0+$/.test(to ?? '-') && length === '00' && !/^0*$/.test(next ?? ''),
    )
    .map(([, , , , next = '']) => next.replace(/(.{4})(?=.)/g, '$1:'));

export const dnsOf = (text: string): string[] =>
  [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address = '']) => address).slice(0, 8);
