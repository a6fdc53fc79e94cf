// Answers WS-Discovery for simulated domes, on one interface: who is asked for by the type it knows tells
// where it is. What a network may hold besides: a device without an address (a printer), one that says all
// twice, one that answers with noise.

import { createSocket, type Socket } from 'node:dgram';
import { XMLParser } from 'fast-xml-parser';
import { escapeText } from './envelope.ts';

export const group = '239.255.255.250';
export const discoveryPort = 3702;

export const datagrams = {
  honest: 'answers once',
  twice: 'says the same twice, and then once more under another message',
  together: 'tells several devices in one answer',
  nowhere: 'tells no address, as printers do',
  noise: 'answers with noise',
  wrong: 'answers with XML that is something else',
  entity: 'answers with a document type that unfolds',
  dense: 'answers with nothing but tags, 60 kB of them',
  address: 'tells addresses that are none',
} as const;
export type Datagram = keyof typeof datagrams;

export interface Announced {
  /** `urn:uuid:..`, the same on every interface. */
  readonly urn: string;
  readonly scopes: readonly string[];
  /** Addresses of the device service. */
  readonly addresses: readonly string[];
  /** The types it answers to; what is asked without a type everybody answers. */
  readonly types: readonly ('NetworkVideoTransmitter' | 'Device')[];
  readonly says?: Datagram;
  /** So many probes go by unheard at first, as datagrams get lost. */
  readonly misses?: number;
  /** It takes its types by the prefix, to the letter, whatever namespace that means. */
  readonly prefix?: string;
}

const parser = new XMLParser({ removeNSPrefix: true, ignoreAttributes: true });

/** Message and types of a probe; null where it is none. */
function probeIn(datagram: string): { id: string; types: string } | null {
  try {
    const { Header, Body } = parser.parse(datagram).Envelope;
    if (Body.Probe === undefined) return null;
    return { id: String(Header.MessageID), types: String(Body.Probe.Types ?? '') };
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

const namespaces =
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope" ' +
  'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" ' +
  'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" ' +
  'xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"';

function matchOf({ urn, scopes, addresses, types }: Announced): string {
  const named = types.map((one) => (one === 'Device' ? 'tds:Device' : `dn:${one}`));
  const where =
    addresses.length > 0 ? `<d:XAddrs>${escapeText(addresses.join(' '))}</d:XAddrs>` : '';
  return (
    `<d:ProbeMatch><a:EndpointReference><a:Address>${urn}</a:Address></a:EndpointReference>` +
    `<d:Types>${named.join(' ')}</d:Types><d:Scopes>${escapeText(scopes.join(' '))}</d:Scopes>` +
    `${where}<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>`
  );
}

const answerTo = (id: string, matches: string, n = 1): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${namespaces}><s:Header>` +
  `<a:MessageID>urn:uuid:00000000-0000-0000-0000-00000000000${n}</a:MessageID>` +
  `<a:RelatesTo>${escapeText(id)}</a:RelatesTo><a:Action>http://schemas.xmlsoap.org/ws/2005/04/` +
  'discovery/ProbeMatches</a:Action></s:Header>' +
  `<s:Body><d:ProbeMatches>${matches}</d:ProbeMatches></s:Body></s:Envelope>`;

const unfolding =
  '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>' +
  '<Envelope><Body><ProbeMatches>&b;</ProbeMatches></Body></Envelope>';

function saying(one: Announced, id: string): (string | Buffer)[] {
  const honest = answerTo(id, matchOf(one));
  switch (one.says ?? 'honest') {
    case 'honest':
      return [honest];
    case 'twice':
      return [honest, honest, answerTo(id, matchOf(one), 2)];
    case 'together':
      return [answerTo(id, matchOf(one) + matchOf({ ...one, urn: `${one.urn}-second` }))];
    case 'nowhere':
      return [answerTo(id, matchOf({ ...one, addresses: [] }))];
    case 'noise':
      return [Buffer.from(Array.from({ length: 1400 }, (_, n) => (n * 167 + 13) % 256)), ''];
    case 'wrong':
      return ['<Envelope><Body><Hello/></Body></Envelope>', '<a/>', answerTo(id, '')];
    case 'entity':
      return [unfolding];
    case 'dense':
      return [answerTo(id, '<d:ProbeMatch/>'.repeat(4000))];
    case 'address':
      return [
        answerTo(id, matchOf({ ...one, addresses: ['http://', 'ftp://x/y', 'file:///etc'] })),
      ];
  }
}

export class Responder {
  readonly #interface: string;
  readonly #devices: readonly Announced[];
  #socket: Socket | null = null;
  /** Probes heard, by their types. */
  readonly heard: string[] = [];
  readonly #missed = new Map<Announced, number>();

  /** `address`: the interface's own. */
  constructor(address: string, devices: readonly Announced[]) {
    this.#interface = address;
    this.#devices = devices;
  }

  async open(): Promise<void> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    this.#socket = socket;
    await new Promise<void>((done, failed) => {
      socket.once('error', failed);
      socket.bind(discoveryPort, group, done);
    });
    socket.addMembership(group, this.#interface);
    socket.on('error', () => socket.close());
    socket.on('message', (message, from) => {
      const probe = probeIn(message.toString('utf8'));
      if (!probe) return;
      this.heard.push(probe.types);
      for (const one of this.#devices) {
        const { types, prefix = '', misses = 0 } = one;
        const isAsked = types.some((type) => probe.types.endsWith(`${prefix}:${type}`));
        if (probe.types !== '' && !isAsked) continue;
        const missed = this.#missed.get(one) ?? 0;
        this.#missed.set(one, missed + 1);
        if (missed < misses) continue;
        for (const said of saying(one, probe.id)) socket.send(said, from.port, from.address);
      }
    });
  }

  close(): void {
    this.#socket?.close();
    this.#socket = null;
  }
}
