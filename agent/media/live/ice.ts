// STUN and TURN servers as node-datachannel has them. It knows TURN over UDP alone (libdatachannel
// #1484): the others are for the call's connection, which knows them all.

import type { IceServer as OurServer } from '../wire.ts';

export interface TurnServer {
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly relayType: 'TurnUdp';
}

const form = /^(stun|turn):(\[[0-9a-f:.]+\]|[^:?[\]]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i;
const portUsual = 3478;

/** Those it can use; an object for TURN, for in an address a password would have to be encoded. */
export function iceServersOf(servers: readonly OurServer[]): (string | TurnServer)[] {
  return servers.flatMap(({ urls, username = '', credential = '' }): (string | TurnServer)[] => {
    const [, scheme, host = '', port, transport = 'udp'] = form.exec(urls) ?? [];
    if (scheme === undefined || transport.toLowerCase() !== 'udp') return [];
    const hostname = host.replace(/^\[|\]$/g, '');
    const number = port === undefined ? portUsual : Number(port);
    if (scheme.toLowerCase() === 'stun') return [`stun:${host}:${number}`];
    return [{ hostname, port: number, username, password: credential, relayType: 'TurnUdp' }];
  });
}
