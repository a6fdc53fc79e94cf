// The certificate that a dome shows, for a person to compare and trust: only looked at, nothing is sent to
// whoever shows it.

import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { Clock } from '../ports.ts';
import type { Endpoint } from './line.ts';

export interface Shown {
  /** SHA-256, `AB:CD:..`, as web pages show it. */
  readonly fingerprint: string;
  readonly pem: string;
  /** Unix ms. */
  readonly fromMs: number;
  readonly untilMs: number;
}

const withinMs = 5000;

/** Null where it shows none, or none in time. */
export function certificateOf({ host, port }: Endpoint, clock: Clock): Promise<Shown | null> {
  return new Promise((done) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port, rejectUnauthorized: false, ...name });
    const end = (shown: Shown | null) => {
      cancel();
      socket.destroy();
      done(shown);
    };
    const cancel = clock.after(withinMs, () => end(null));
    socket.on('error', () => end(null));
    socket.on('close', () => end(null));
    socket.once('secureConnect', () => {
      const shown = socket.getPeerX509Certificate();
      end(
        shown
          ? {
              fingerprint: shown.fingerprint256,
              pem: shown.toString(),
              fromMs: Date.parse(shown.validFrom),
              untilMs: Date.parse(shown.validTo),
            }
          : null,
      );
    });
  });
}

/** What Node would say of its dates, had it nothing else to say; null: they are right. */
export function dateTrouble({ fromMs, untilMs }: Shown, nowMs: number) {
  if (nowMs > untilMs) return 'CERT_HAS_EXPIRED';
  return nowMs < fromMs ? 'CERT_NOT_YET_VALID' : null;
}

/** Two fingerprints are one, however they are written. */
export const isSameFingerprint = (a: string, b: string): boolean => {
  const bare = (one: string) => one.replace(/[^0-9a-f]/gi, '').toLowerCase();
  return bare(a).length === 64 && bare(a) === bare(b);
};
