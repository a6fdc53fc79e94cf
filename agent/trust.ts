// Whose certificates the dome may show, for all that speaks TLS to it: its control and its snapshots.

import { X509Certificate } from 'node:crypto';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';

type Trusted = Pick<ConnectionOptions, 'ca' | 'checkServerIdentity' | 'allowPartialTrustChain'>;

/** `ca`: PEM of the school's own CA, or of the dome's own certificate, which is then pinned and need not
 * bear its name. No other is trusted. Null: the authorities that the system trusts. */
export function trusting(ca: string | null): Trusted {
  if (ca === null) return {};
  const pems = ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const pinned = pems.map((pem) => new X509Certificate(pem).fingerprint256);
  return {
    ca: pems,
    // A dome's own certificate that its maker has signed is one, too.
    allowPartialTrustChain: true,
    checkServerIdentity: (host, peer) =>
      pinned.includes(peer.fingerprint256) ? undefined : checkServerIdentity(host, peer),
  };
}
