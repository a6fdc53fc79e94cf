// SOAP as the dome's side reads and writes it, with namespaces taken seriously: a command in the wrong
// one is not seen, as on gSOAP servers.

import { XMLParser } from 'fast-xml-parser';

export interface Element {
  readonly namespace: string;
  readonly name: string;
  readonly text: string;
  readonly attributes: { readonly [name: string]: string };
  readonly children: readonly Element[];
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
});

type Scope = { readonly [prefix: string]: string };

function elementsOf(nodes: unknown, scope: Scope): Element[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: Record<string, unknown>): Element[] => {
    const tag = Object.keys(node).find(
      (key) => key !== ':@' && !key.startsWith('#') && !key.startsWith('?'),
    );
    if (tag === undefined) return [];
    const inner: Record<string, string> = { ...scope };
    const attributes: Record<string, string> = {};
    for (const [name, value] of Object.entries(node[':@'] ?? {})) {
      if (name === 'xmlns') inner[''] = String(value);
      else if (name.startsWith('xmlns:')) inner[name.slice(6)] = String(value);
      else attributes[name] = String(value);
    }
    const [prefix, name] = tag.includes(':') ? tag.split(':') : ['', tag];
    const content = node[tag];
    const text = Array.isArray(content)
      ? content.map((one: Record<string, unknown>) => String(one['#text'] ?? '')).join('')
      : '';
    const namespace = inner[prefix ?? ''] ?? '';
    const children = elementsOf(content, inner);
    return [{ namespace, name: name ?? '', text, attributes, children }];
  });
}

export const child = (
  of: Element | undefined,
  name: string,
  namespace?: string,
): Element | undefined =>
  of?.children.find(
    (one) => one.name === name && (namespace === undefined || one.namespace === namespace),
  );

export interface SoapRequest {
  readonly header: Element | undefined;
  /** First element of the body: the operation. */
  readonly operation: Element;
}

/** Null where it is no SOAP request. */
export function parseRequest(xml: string): SoapRequest | null {
  try {
    const envelope = elementsOf(parser.parse(xml), {}).find((one) => one.name === 'Envelope');
    const operation = child(envelope, 'Body')?.children[0];
    return operation ? { header: child(envelope, 'Header'), operation } : null;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

export const escapeText = (raw: string): string =>
  raw.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

export const namespaces = {
  device: 'http://www.onvif.org/ver10/device/wsdl',
  media: 'http://www.onvif.org/ver10/media/wsdl',
  media2: 'http://www.onvif.org/ver20/media/wsdl',
  ptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  imaging: 'http://www.onvif.org/ver20/imaging/wsdl',
  events: 'http://www.onvif.org/ver10/events/wsdl',
  deviceio: 'http://www.onvif.org/ver10/deviceIO/wsdl',
} as const;

const declared =
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" ' +
  `xmlns:tds="${namespaces.device}" xmlns:trt="${namespaces.media}" xmlns:tptz="${namespaces.ptz}" ` +
  `xmlns:tr2="${namespaces.media2}" xmlns:timg="${namespaces.imaging}" ` +
  `xmlns:tev="${namespaces.events}" xmlns:tmd="${namespaces.deviceio}" ` +
  'xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" xmlns:wstop="http://docs.oasis-open.org/wsn/t-1" ' +
  'xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:tns1="http://www.onvif.org/ver10/topics" ' +
  'xmlns:ter="http://www.onvif.org/ver10/error"';

export const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${declared}><s:Body>${body}</s:Body></s:Envelope>`;

/** A fault, thrown by a service and answered by the server. */
export class SimFault extends Error {
  readonly status: number;
  readonly code: 'Sender' | 'Receiver';
  readonly subcodes: readonly string[];

  constructor(
    status: number,
    code: 'Sender' | 'Receiver',
    subcodes: readonly string[],
    reason: string,
  ) {
    super(reason);
    this.status = status;
    this.code = code;
    this.subcodes = subcodes;
  }

  get xml(): string {
    const nested = this.subcodes.reduceRight(
      (inner, one) => `<s:Subcode><s:Value>ter:${one}</s:Value>${inner}</s:Subcode>`,
      '',
    );
    const reason = `<s:Reason><s:Text xml:lang="en">${escapeText(this.message)}</s:Text></s:Reason>`;
    return envelope(
      `<s:Fault><s:Code><s:Value>s:${this.code}</s:Value>${nested}</s:Code>${reason}</s:Fault>`,
    );
  }
}
