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

export function typeOf(body: string | Buffer): string {
  if (typeof body !== 'string') return 'image/jpeg';
  return body.startsWith('<?xml') ? 'application/soap+xml; charset=utf-8' : 'text/plain';
}
