// WS-Discovery's words: the question who is there, and what was answered to it. An answer is a stranger's:
// it is read within bounds, and what it tells is checked.

import { DomeError } from '../error.ts';
import { all, at, escapeXml, type ParseXml, text, type XmlNode } from '../xml.ts';

export const group = '239.255.255.250';
export const discoveryPort = 3702;

/** Some domes answer only to the one, some only to the other. */
export const types = ['dn:NetworkVideoTransmitter', 'tds:Device'] as const;

/** Devices in one answer. */
const matchesMax = 32;
const wordMax = 512;

/** `id`: a UUID. */
export const probeXml = (id: string, type: (typeof types)[number]): string =>
  '<?xml version="1.0" encoding="utf-8"?>' +
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ' +
  'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" ' +
  'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" ' +
  'xmlns:dn="http://www.onvif.org/ver10/network/wsdl" ' +
  'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><s:Header>' +
  `<a:MessageID>urn:uuid:${escapeXml(id)}</a:MessageID>` +
  '<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>' +
  '<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>' +
  `<s:Body><d:Probe><d:Types>${type}</d:Types></d:Probe></s:Body></s:Envelope>`;

export interface Match {
  /** What it is called, the same on every interface; its addresses where it has no name. */
  readonly name: string;
  /** http and https addresses of its device service. */
  readonly addresses: readonly string[];
  /** As its scopes tell it; null: they do not. */
  readonly title: string | null;
  readonly hardware: string | null;
}

/** None where it is no answer of a device. */
export function matchesIn(parse: ParseXml, datagram: string): readonly Match[] {
  const found = all(rootOf(parse, datagram), 'Envelope', 'Body', 'ProbeMatches', 'ProbeMatch');
  return found.slice(0, matchesMax).flatMap((one) => {
    const addresses = words(text(one, 'XAddrs')).map(withoutZone).filter(isAddress);
    const name = text(at(one, 'EndpointReference'), 'Address')?.trim() || addresses.join(' ');
    if (name === '' || name.length > wordMax) return [];
    const scopes = words(text(one, 'Scopes'));
    return {
      ...{ name, addresses },
      title: scopeOf(scopes, 'name'),
      hardware: scopeOf(scopes, 'hardware'),
    };
  });
}

function rootOf(parse: ParseXml, datagram: string): XmlNode | null {
  try {
    return parse(datagram);
  } catch (error) {
    if (error instanceof DomeError) return null;
    throw error;
  }
}

const words = (list: string | null): string[] =>
  (list ?? '').split(/\s+/).filter((word) => word !== '' && word.length <= wordMax);

/** The zone of an IPv6 address is its own interface, which tells us nothing, and no URL has room for it. */
const withoutZone = (word: string): string =>
  word.replace(/^(https?:\/\/\[[\da-f:]+)%[^\]/]*\]/i, '$1]');

/** On its own wire only: whoever is elsewhere on it has no route to it without a zone. */
export const isLinkLocal = (address: string): boolean =>
  /^\[fe[89ab][\da-f]:/i.test(new URL(address).hostname);

const isAddress = (word: string): boolean =>
  /^https?:\/\/[^/]/i.test(word) && URL.canParse(word) && new URL(word).hostname !== '';

function scopeOf(scopes: readonly string[], what: string): string | null {
  const head = `onvif://www.onvif.org/${what}/`;
  const found = scopes.find((scope) => scope.startsWith(head))?.slice(head.length);
  if (found === undefined) return null;
  try {
    return printable(decodeURIComponent(found));
  } catch (error) {
    if (error instanceof URIError) return printable(found);
    throw error;
  }
}

/** A terminal obeys what it is shown, and a line of a file ends where it is told to. */
export const printable = (raw: string, charactersMax = 100): string =>
  raw
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .slice(0, charactersMax)
    .trim();
