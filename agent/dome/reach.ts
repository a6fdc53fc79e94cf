// Everything to speak to one dome with, for what a person does at a command line: as the driver has it,
// without its link, its retries and its targets.

import type { Credentials } from '../digest.ts';
import type { Clock } from '../ports.ts';
import { type Endpoint, endpointOf, Line } from './line.ts';
import type { Means } from './perform.ts';
import { Ptz, type Scheme } from './ptz.ts';
import { SoapClient } from './soap.ts';
import { Vendor } from './vendor.ts';

export interface ReachOptions {
  /** Device service. */
  readonly url: string;
  readonly credentials: Credentials;
  /** PEM, for https: the authority, or the dome's own certificate. */
  readonly ca: string | null;
  readonly clock: Clock;
}

export interface Reach extends Means {
  readonly endpoint: Endpoint;
  readonly scheme: Scheme;
  close(): void;
}

/** Nothing has been sent when it resolves. */
export async function reach({ url, credentials, ca, clock }: ReachOptions): Promise<Reach> {
  const endpoint = endpointOf(url);
  const scheme = url.startsWith('https:') ? 'https:' : 'http:';
  const line = new Line(clock, scheme === 'https:', ca);
  const soap = new SoapClient(line, clock, credentials, endpoint);
  await soap.open();
  return {
    ...{ endpoint, scheme, soap },
    ptz: new Ptz(soap, endpoint, scheme),
    vendor: new Vendor(line, clock, credentials, endpoint),
    close: () => line.close(),
  };
}
