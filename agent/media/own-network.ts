// Ways that lead into the terminal's own network: to a client, to an address for an upload. Whoever may name
// one could have the terminal knock at any door of the school's network, so they are left out unless the
// configuration allows them.

import { BlockList, isIP } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** This machine, its links, and the networks it stands in. */
export function ownNetworks(interfaces: Interfaces): BlockList {
  const own = new BlockList();
  own.addSubnet('0.0.0.0', 8, 'ipv4');
  own.addSubnet('127.0.0.0', 8, 'ipv4');
  own.addSubnet('169.254.0.0', 16, 'ipv4');
  own.addSubnet('224.0.0.0', 3, 'ipv4');
  own.addAddress('::', 'ipv6');
  own.addAddress('::1', 'ipv6');
  own.addSubnet('fe80::', 10, 'ipv6');
  own.addSubnet('ff00::', 8, 'ipv6');
  for (const { cidr, family } of Object.values(interfaces).flatMap((all) => all ?? [])) {
    const [address, bits] = cidr?.split('/') ?? [];
    if (address && bits) own.addSubnet(address, Number(bits), family === 'IPv4' ? 'ipv4' : 'ipv6');
  }
  return own;
}

/** Whether a candidate leads there. A name could be of anything, so it counts as inside. */
export function pointsInside(own: BlockList, candidate: string): boolean {
  const address = candidate.trim().split(/\s+/)[4] ?? '';
  return isIP(address) === 0 ? address !== '' : isInside(own, address);
}

/** Of an IP address, IPv4 within IPv6 included. */
export const isInside = (own: BlockList, address: string): boolean =>
  own.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** The offer without such candidates; null where it had some and no other. */
export function outsideOnly(own: BlockList, sdp: string): string | null {
  const lines = sdp.split('\r\n');
  const isCandidate = (line: string) => line.startsWith('a=candidate:');
  const kept = lines.filter((line) => !(isCandidate(line) && pointsInside(own, line)));
  if (lines.some(isCandidate) && !kept.some(isCandidate)) return null;
  return kept.join('\r\n');
}
