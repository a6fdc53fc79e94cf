// What the simulated dome answers to one request: its services, its makers' own addresses, its snapshots; and
// what it says to whom it does not let in.

import { coaxial, type Reply } from './coaxial.ts';
import { type Element, envelope, SimFault, type SoapRequest } from './envelope.ts';
import { isapi, type PlainRequest } from './isapi.ts';
import type { DomeMedia } from './media.ts';
import type { defaults, SimDomeOptions } from './options.ts';
import { type Inside, type ServiceName, serve } from './services.ts';

export interface Asked {
  /** The operation, or method and path. */
  readonly what: string;
  readonly service: ServiceName | undefined;
  readonly soap: SoapRequest | null;
  readonly plain: PlainRequest;
}

export async function answer(
  asked: Asked,
  inside: Inside,
  media: DomeMedia,
  options: SimDomeOptions & typeof defaults,
): Promise<Reply> {
  const { quirks } = inside;
  try {
    return await answered(asked, inside, media, options);
  } catch (error) {
    if (!(error instanceof SimFault)) throw error;
    if (quirks.unknownAnswers200 && error.subcodes.includes('ActionNotSupported'))
      return { status: 200, body: envelope('') };
    return { status: error.status, body: error.xml };
  }
}

async function answered(
  { what, service, soap, plain }: Asked,
  whole: Inside,
  media: DomeMedia,
  options: SimDomeOptions & typeof defaults,
): Promise<Reply> {
  const { path, body } = plain;
  const { refuse, ignore } = whole.quirks;
  const names = soap ? namesIn(soap.operation) : [];
  if (refuse.some((one) => what.includes(one) || names.includes(one)))
    throw new SimFault(500, 'Receiver', ['ActionNotSupported'], `${what} is not implemented`);
  const isIgnored = ignore.some((one) => what.includes(one) || body.includes(one));
  const inside = isIgnored ? { ...whole, effective: () => false } : whole;
  if (!service)
    return (
      (await media.snapshot(path)) ??
      isapi(plain, options.isapi, inside) ??
      coaxial(path, options.coaxial, inside)
    );
  if (!soap) throw new SimFault(400, 'Sender', ['WellFormed'], 'no SOAP request');
  const { operation: request, header } = soap;
  return { status: 200, body: envelope(await serve({ service, path, request, header }, inside)) };
}

/** `challenges`: none where only tokens are taken. */
export function refusal(challenges: string[]): Reply {
  const fault = new SimFault(400, 'Sender', ['NotAuthorized'], 'Sender not authorized');
  if (challenges.length === 0) return { status: 400, body: fault.xml };
  return { status: 401, body: fault.xml, headers: { 'WWW-Authenticate': challenges } };
}

const namesIn = ({ name, children }: Element): string[] => [name, ...children.flatMap(namesIn)];
