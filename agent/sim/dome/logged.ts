// What the simulated dome notes of each request, and how it calls what it answers.

import type { Verdict } from './guard.ts';
import type { Hostility } from './hostile.ts';

export interface LoggedRequest {
  /** CLOCK_MONOTONIC, milliseconds, when the request had been read completely. */
  readonly atMs: number;
  /** `GotoPreset`, or method and path where it is no SOAP. */
  readonly what: string;
  readonly body: string;
  status: number;
  readonly auth: Verdict['by'];
  readonly accepted: boolean;
  /** Number of the connection it came on. */
  readonly connection: number;
  readonly hostility: Hostility | null;
}

/** Of an answer. Its length is said beforehand, as gSOAP does: Debian's onvif-util understands no chunks. */
export function headersOf(body: string | Buffer) {
  const length = { 'Content-Length': Buffer.byteLength(body) };
  if (typeof body !== 'string') return { ...length, 'Content-Type': 'image/jpeg' };
  const type = body.startsWith('<?xml') ? 'application/soap+xml; charset=utf-8' : 'text/plain';
  return { ...length, 'Content-Type': type };
}
