// Which time certificates are judged by: the wall clock, or the last time that is known to have been, where
// the clock is behind that (a PC without battery wakes up in 1970). A broker proves a time: it is kept
// when a link has come up whose certificate was verified by the clock itself, so that a clock which
// runs far ahead is never kept: by it the broker's certificate would have expired.

import { X509Certificate } from 'node:crypto';
import type { Clock } from '../ports.ts';
import type { Broker } from './client.ts';
import { errorReason, isCut } from './reason.ts';

/** The last time that is known to have been, over restarts. */
export interface KnownTime {
  /** Unix milliseconds; 0 where none is known. */
  readonly wallMs: number;
  /** May be called often; writes rarely and in the background. */
  keep(wallMs: number): void;
}

const toleranceMs = 60_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export class Dates {
  readonly #clock: Clock;
  readonly #known: KnownTime | null;

  constructor(clock: Clock, known: KnownTime | null) {
    this.#clock = clock;
    this.#known = known;
  }

  /** The later of the clock and the last known time. */
  get judgedMs(): number {
    return Math.max(this.#clock.now().wallMs, this.#known?.wallMs ?? 0);
  }

  get isBehind(): boolean {
    return this.judgedMs - this.#clock.now().wallMs > toleranceMs;
  }

  /** What the fault `clock.behind` says, or null. */
  get behind(): string | null {
    if (!this.isBehind) return null;
    const says = dayOf(this.#clock.now().wallMs);
    return (
      `The clock of this PC says ${says}, but ${dayOf(this.judgedMs)} has been: certificates are ` +
      'judged by the later day. Check its battery and the time service; where the clock is right ' +
      'after all, remove the file last-time.'
    );
  }

  /** A link over TLS is up, its certificate verified. */
  proven(): void {
    const { wallMs, clock } = this.#clock.now();
    if (clock === 'good' && !this.isBehind) this.#known?.keep(wallMs);
  }

  /** Why a try failed, in one sentence; where certificates may be the cause, their dates are looked at. */
  reason(error: Error, { ca, cert }: Broker): string {
    const code = 'code' in error ? String(error.code) : '';
    const own = isCut(code) || code.includes('ALERT') ? this.#ownStale(cert) : null;
    const authority = code === 'CERT_HAS_EXPIRED' ? this.#authorityStale(ca) : null;
    const detail = own ?? authority;
    return detail ? `${detail} (${code})` : errorReason(error);
  }

  #ownStale(pem: string | undefined): string | null {
    const [cert] = certificatesOf(pem);
    if (!cert) return null;
    const [from, to] = [cert.validFromDate.getTime(), cert.validToDate.getTime()];
    if (this.judgedMs > to)
      return `certificate of this terminal has expired on ${dayOf(to)}; renew it`;
    if (this.judgedMs < from)
      return `certificate of this terminal is valid only from ${dayOf(from)}; check the clock of this PC`;
    return null;
  }

  #authorityStale(pem: string | undefined): string | null {
    const ends = certificatesOf(pem).map(({ validToDate }) => validToDate.getTime());
    const last = Math.max(...ends);
    if (ends.length === 0 || this.judgedMs <= last) return null;
    return `certificate of the authority (ca) has expired on ${dayOf(last)}; get the new one of the broker`;
  }
}

/** What can be read of a bundle; the configuration has refused what cannot. */
function certificatesOf(pem = ''): X509Certificate[] {
  const all = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return all.flatMap((one) => {
    try {
      return [new X509Certificate(one)];
    } catch (error) {
      if (error instanceof Error) return [];
      throw error;
    }
  });
}
