// Asks every network at once who is there: on each IPv4 interface, for both types, three times, since
// datagrams get lost. What comes back is folded: one device, however often and wherever it answers.
// Not npm onvif: it asks for one type only, and an answer that it does not expect ends its process.

import { randomUUID } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import type { Clock } from '../../ports.ts';
import type { ParseXml } from '../xml.ts';
import { discoveryPort, group, matchesIn, probeXml, types } from './ws-discovery.ts';

export const multicastTimes = { askMs: [0, 400, 1200], listenMs: 3500 } as const;
/** What is heard beyond is not looked at. */
const datagramsMax = 4000;
const devicesMax = 500;

export interface Interface {
  readonly name: string;
  readonly address: string;
}

export interface Heard {
  readonly name: string;
  /** Its own words, and the address that the answer came from. */
  readonly addresses: readonly string[];
  readonly from: readonly string[];
  readonly interfaces: readonly string[];
  readonly title: string | null;
  readonly hardware: string | null;
}

export interface Multicast {
  readonly devices: readonly Heard[];
  /** Interfaces on which nobody could be asked, and why. */
  readonly deaf: readonly { readonly interface: string; readonly reason: string }[];
}

/** Those that lead anywhere. */
export const interfacesNow = (): Interface[] =>
  Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => ({ name, address })),
  );

/** Interfaces on which nobody is asked, for there is nothing to ask from. */
export const withoutIPv4 = (): Multicast['deaf'] =>
  Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.some(({ family, internal }) => family === 'IPv4' || internal)
      ? []
      : [
          {
            interface: name,
            reason: 'it has no IPv4 address: give it one in the network of the domes',
          },
        ],
  );

export async function multicast(
  interfaces: readonly Interface[],
  parse: ParseXml,
  clock: Clock,
): Promise<Multicast> {
  const devices = new Map<string, Heard>();
  const deaf: { interface: string; reason: string }[] = [];
  let datagrams = 0;
  const heard = (on: string, datagram: Buffer, { address }: RemoteInfo) => {
    datagrams += 1;
    if (datagrams > datagramsMax) return;
    for (const match of matchesIn(parse, datagram.toString('utf8'))) {
      const before = devices.get(match.name);
      if (!before && devices.size >= devicesMax) return;
      devices.set(match.name, {
        ...match,
        addresses: union(before?.addresses, match.addresses),
        from: union(before?.from, [address]),
        interfaces: union(before?.interfaces, [on]),
      });
    }
  };
  await Promise.all(
    interfaces.map(async ({ name, address }) => {
      const reason = await askOn(address, clock, (bytes, from) => heard(name, bytes, from));
      if (reason !== null) deaf.push({ interface: name, reason });
    }),
  );
  return { devices: folded([...devices.values()]), deaf };
}

const union = (before: readonly string[] = [], more: readonly string[]): string[] => [
  ...new Set([...before, ...more]),
];

/** Some have another name at each start, or none: who tells the same addresses is the same. */
function folded(devices: readonly Heard[]): Heard[] {
  const byAddress = new Map<string, Heard>();
  for (const one of devices) {
    const key = one.addresses.length > 0 ? [...one.addresses].sort().join(' ') : one.name;
    const before = byAddress.get(key);
    byAddress.set(key, {
      ...one,
      from: union(before?.from, one.from),
      interfaces: union(before?.interfaces, one.interfaces),
    });
  }
  return [...byAddress.values()];
}

/** Resolves when it has listened long enough: to null, or to why it could not ask. */
function askOn(
  address: string,
  clock: Clock,
  heard: (datagram: Buffer, from: RemoteInfo) => void,
): Promise<string | null> {
  return new Promise((done) => {
    const socket = createSocket('udp4');
    const cancels: (() => void)[] = [];
    const end = (reason: string | null) => {
      for (const cancel of cancels) cancel();
      socket.removeAllListeners('message');
      socket.close();
      done(reason);
    };
    socket.once('error', ({ message }) => end(message));
    socket.on('message', heard);
    socket.bind({ address, port: 0 }, () => {
      socket.setMulticastInterface(address);
      socket.setMulticastTTL(1);
      for (const afterMs of multicastTimes.askMs)
        cancels.push(clock.after(afterMs, () => ask(socket)));
      cancels.push(clock.after(multicastTimes.listenMs, () => end(null)));
    });
  });
}

function ask(socket: Socket): void {
  for (const type of types) socket.send(probeXml(randomUUID(), type), discoveryPort, group);
}
