// The login of the line as the configuration has it: null over a line without TLS.

import { join } from 'node:path';
import { Certificates, type CertificatesOptions, type LoginFiles } from './certificates.ts';

interface Revealed {
  reveal(): string;
}

interface Configured {
  readonly data: { readonly dir: string };
  readonly broker: {
    readonly tls: {
      readonly ca: string | null;
      readonly cert: string | null;
      readonly key: Revealed | null;
      readonly files: LoginFiles;
    } | null;
  };
}

export function certificatesOf(
  { data, broker: { tls } }: Configured,
  others: Omit<CertificatesOptions, 'dir' | 'configured' | 'files'>,
): Certificates | null {
  if (!tls) return null;
  const configured = {
    ca: tls.ca ?? undefined,
    cert: tls.cert ?? undefined,
    key: tls.key?.reveal(),
  };
  const certificates = new Certificates({
    ...{ ...others, configured, files: tls.files, dir: join(data.dir, 'keys') },
  });
  certificates.load();
  return certificates;
}

/** PEM; as the line's own broker type has it. */
interface Shown {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * What the line needs: its brokers, logged in to with what is shown at the time (the authority is that of
 * the first; another broker may have one of its own), and whom to tell how that went.
 */
export function lineOf<C, B extends Shown>(
  certificates: Certificates | null,
  config: C & { readonly second: C | null },
  brokerOf: (config: C) => B,
) {
  const [first, second] = [brokerOf(config), config.second && brokerOf(config.second)];
  if (!certificates) return { broker: first, second: second ?? undefined };
  const isShared = second !== null && second.cert === first.cert;
  return {
    broker: shownTo(first, certificates, () => certificates.login.ca),
    second:
      second && isShared ? shownTo(second, certificates, () => second.ca) : (second ?? undefined),
    judged: (reason: string | null, isSecond: boolean) =>
      certificates.judged(reason, !isSecond || isShared),
  };
}

function shownTo<B extends Shown>(broker: B, of: Certificates, ca: () => string | undefined): B {
  return {
    ...broker,
    get ca() {
      return ca();
    },
    get cert() {
      return of.login.cert;
    },
    get key() {
      return of.login.key;
    },
  };
}
