// Where the packets of one track go and come from: two channels of the RTSP connection, or two UDP
// ports on loopback.

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';

export interface Outlet {
  /** The answered `Transport`. */
  readonly transport: string;
  rtp(packet: Buffer): void;
  rtcp(packet: Buffer): void;
  close(): void;
}

/** What the client sends on a track. */
export interface Inlet {
  rtp(packet: Buffer): void;
  rtcp(packet: Buffer): void;
}

export const backlogBytesMax = 4 * 1024 * 1024;

/** Who does not read what he wants to see is cut off. */
export function interleavedOutlet(socket: Socket, channel: number): Outlet {
  const send = (to: number) => (packet: Buffer) => {
    if (!socket.writable) return;
    const head = Buffer.from([0x24, to, packet.length >> 8, packet.length & 0xff]);
    socket.cork();
    socket.write(head);
    socket.write(packet);
    process.nextTick(() => socket.uncork());
    if (socket.writableLength > backlogBytesMax) socket.destroy();
  };
  return {
    transport: `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`,
    rtp: send(channel),
    rtcp: send(channel + 1),
    close: () => {},
  };
}

async function bind(port: number): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    // Rejects on `error`.
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
  // A client that has gone is told by its silence, not by an error here.
  socket.on('error', () => socket.unref());
  return socket;
}

const attemptsMax = 20;

/** Two ports that follow one another, as clients take for granted. */
async function bindPair(): Promise<[UdpSocket, UdpSocket]> {
  for (let attempt = 1; ; attempt++) {
    const first = await bind(0);
    const { port } = first.address() as AddressInfo;
    try {
      return [first, await bind(port + 1)];
    } catch (error) {
      first.close();
      if (attempt >= attemptsMax) throw error;
    }
  }
}

/** To loopback and nowhere else, whatever the client's address. */
export async function udpOutlet(
  [rtp, rtcp]: readonly [number, number],
  inlet: Inlet,
): Promise<Outlet> {
  const sockets = await bindPair();
  const ports = sockets.map((socket) => (socket.address() as AddressInfo).port);
  sockets[0].on('message', (packet) => inlet.rtp(packet));
  sockets[1].on('message', (packet) => inlet.rtcp(packet));
  return {
    transport: `RTP/AVP;unicast;client_port=${rtp}-${rtcp};server_port=${ports.join('-')}`,
    rtp: (packet) => sockets[0].send(packet, rtp, '127.0.0.1'),
    rtcp: (packet) => sockets[1].send(packet, rtcp, '127.0.0.1'),
    close: () => {
      for (const socket of sockets) socket.close();
    },
  };
}
