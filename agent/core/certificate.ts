// The certificate of the line: its days are counted, a new one is asked for in time, and what the platform
// offers is handed to whoever keeps the keys (agent/keys), which holds it against key, chain and clock. Days
// by a good clock only. A certificate is changed at a quiet moment, and never while a case is open.

import type { Command, CommandArgs } from './command.ts';
import type { Draft } from './draft.ts';
import type { FactOf, Now } from './fact.ts';
import { clearFault, raiseFault } from './fault.ts';
import { openIncidents } from './incident.ts';
import { startJob } from './job.ts';
import { type Outcome, refused } from './refused.ts';
import type { Durable, Live, State } from './state.ts';
import type { CertificateTarget } from './target.ts';

const dayMs = 86_400_000;

export const certificateTimes = {
  /** Unless the configuration says otherwise, a new one is asked for this long ahead. */
  renewDays: 30,
  expiresMs: 30 * dayMs,
  urgentMs: 7 * dayMs,
  /** Without an answer it is asked for again after so long. */
  againMs: 7 * dayMs,
  urgentAgainMs: dayMs,
} as const;

export const certificateLimits = {
  /** Of an offer: some certificates, PEM. */
  chainChars: 16_384,
  csrChars: 4_096,
} as const;

/** A certificate that the line shows to the broker. */
export interface Certificate {
  /** Common name. */
  readonly name: string;
  /** SHA-256, hex. */
  readonly fingerprint: string;
  readonly fromWallMs: number;
  readonly untilWallMs: number;
  /** The same for people, 2026-12-31. */
  readonly untilDay: string;
}

export type CertificateTold = Omit<Certificate, 'untilDay'>;

/** PKCS#10, PEM, under an id that the offer names. */
export interface CertificateRequest {
  readonly request: string;
  readonly csr: string;
}

/** What has been said about the certificate in use; Unix milliseconds, 0: not yet. */
export interface CertificateNotes {
  readonly fingerprint: string;
  readonly toldWallMs: number;
  readonly request: string | null;
  readonly askedWallMs: number;
}

const nothingSaid = { toldWallMs: 0, request: null, askedWallMs: 0 } as const;

/** Takes a `certificate.shown` fact: at the start, and when the broker has taken another. */
export function certificateShown(
  draft: Draft,
  { kind: _, ...certificate }: FactOf<'certificate.shown'>,
): void {
  const before = draft.site.certificate?.fingerprint;
  draft.patchLive({ certificate });
  if (before !== certificate.fingerprint) {
    const { fingerprint } = certificate;
    draft.put('site', { ...draft.site, certificate: { fingerprint, ...nothingSaid } });
    if (before !== undefined)
      draft.tell('event', { kind: 'certificate.renewed', ...toldOf(certificate) });
  }
  certificateDue(draft);
}

/** Takes a `certificate.requested` fact: the key is on the disk. */
export function certificateRequested(
  draft: Draft,
  { request, csr }: FactOf<'certificate.requested'>,
): void {
  const { certificate } = draft.live;
  if (!certificate || !asks(draft.state, draft.now)) return;
  const { name, untilWallMs } = certificate;
  const notes = notesOf(draft.durable, certificate);
  const askedWallMs = Math.trunc(draft.now.wallMs);
  draft.put('site', { ...draft.site, certificate: { ...notes, request, askedWallMs } });
  draft.tell('event', { kind: 'certificate.request', request, name, csr, untilWallMs });
}

/** What falls due by the days that are left. */
export function certificateDue(draft: Draft): void {
  const { certificate, setup } = draft.live;
  if (!certificate || draft.now.clock !== 'good') return;
  const leftMs = certificate.untilWallMs - draft.now.wallMs;
  const { expires, expired } = wordsOn(certificate, leftMs);
  setFault(draft, 'certificate.expires', expires);
  setFault(draft, 'certificate.expired', expired);
  if (!isNear(leftMs, setup)) return;
  const notes = notesOf(draft.durable, certificate);
  if (notes.toldWallMs > 0) return;
  const toldWallMs = Math.trunc(draft.now.wallMs);
  draft.put('site', { ...draft.site, certificate: { ...notes, toldWallMs } });
  draft.tell('event', { kind: 'certificate.expiring', ...toldOf(certificate) });
}

/** `certificate.offer`: answered when it has been looked at and is on the disk. */
export function offerCertificate(
  draft: Draft,
  command: Command,
  { request, chain }: Extract<CommandArgs, { verb: 'certificate.offer' }>,
): Outcome | 'later' {
  const { certificate } = draft.live;
  if (!certificate) return refused('failed', 'this terminal shows no certificate to its broker');
  return startJob(draft, command, { what: 'certificate.take', request, chain });
}

export const certificateTarget = (state: State, now: Omit<Now, 'id'>): CertificateTarget => ({
  asks: asks(state, now),
  mayChange: isQuiet(state),
});

/** Monotonic times at which something of this falls due, within a day. */
export function certificateDeadlines({ durable, live }: State, now: Omit<Now, 'id'>): number[] {
  const { certificate, setup } = live;
  if (!certificate || now.clock !== 'good') return [];
  const { untilWallMs } = certificate;
  const { request, askedWallMs } = notesOf(durable, certificate);
  const dues = [
    untilWallMs - renewMs(setup),
    untilWallMs - certificateTimes.expiresMs,
    untilWallMs - certificateTimes.urgentMs,
    untilWallMs,
    ...(request === null ? [] : [askedWallMs + againMs(untilWallMs - now.wallMs)]),
  ];
  // A timer of weeks is none; the day's end comes by itself (core/patrol.ts).
  return dues
    .map((due) => due - now.wallMs)
    .filter((inMs) => inMs > 0 && inMs <= dayMs)
    .map((inMs) => now.monoMs + inMs);
}

const toldOf = ({ untilDay: _, ...certificate }: Certificate): CertificateTold => certificate;

function notesOf({ site }: Durable, { fingerprint }: Certificate): CertificateNotes {
  const notes = site.site?.certificate;
  return notes?.fingerprint === fingerprint ? notes : { fingerprint, ...nothingSaid };
}

const renewMs = ({ renewDays = certificateTimes.renewDays }: Live['setup']): number =>
  renewDays * dayMs;
const isNear = (leftMs: number, setup: Live['setup']): boolean => leftMs <= renewMs(setup);
const againMs = (leftMs: number): number =>
  leftMs <= certificateTimes.urgentMs ? certificateTimes.urgentAgainMs : certificateTimes.againMs;

/** Whether a request is due now. */
function asks({ durable, live }: State, now: Omit<Now, 'id'>): boolean {
  const { certificate, setup } = live;
  if (!certificate || now.clock !== 'good' || setup.renewDays === 0) return false;
  const leftMs = certificate.untilWallMs - now.wallMs;
  if (!isNear(leftMs, setup)) return false;
  const { request, askedWallMs } = notesOf(durable, certificate);
  const sinceMs = now.wallMs - askedWallMs;
  // A clock that was far ahead when it was asked last has said nothing.
  return request === null || sinceMs >= againMs(leftMs) || sinceMs < 0;
}

/** Nobody is waiting for the line, and nobody holds anything by it. */
const isQuiet = ({ durable, live }: State): boolean =>
  openIncidents(durable).length === 0 &&
  live.window === null &&
  live.stick.lease === null &&
  !Object.values(live.sessions).some(({ kind }) => kind === 'talk');

function wordsOn({ untilDay: day }: Certificate, leftMs: number) {
  const expired =
    `the certificate of this terminal has expired on ${day}: the broker will not let it in. Have a new ` +
    'one issued and put it in its place (broker.cert, broker.key)';
  const soon = `the certificate of this terminal expires on ${day}`;
  const expires =
    leftMs <= certificateTimes.urgentMs
      ? `${soon}, in less than 7 days, and no new one has come: have one issued now`
      : `${soon}; a new one is asked for over the line (certificate.request)`;
  if (leftMs <= 0) return { expires: null, expired };
  return { expires: leftMs <= certificateTimes.expiresMs ? expires : null, expired: null };
}

/** A fault whose words have changed is told anew. */
function setFault(draft: Draft, fault: string, detail: string | null): void {
  const told = draft.live.faults[fault]?.detail ?? null;
  if (told === detail) return;
  clearFault(draft, fault);
  if (detail !== null) raiseFault(draft, fault, detail);
}
