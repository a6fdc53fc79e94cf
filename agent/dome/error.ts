// What can go wrong between us and the dome. The world failed: every one of these ends as a fault
// told through the sink, never as a crash.

/**
 * - `unreachable`: no connection could be made.
 * - `broken`: the connection ended in the middle of a request.
 * - `timeout`, `too-large`: the bounds of one call.
 * - `http`: a status that is none of ours. `malformed`, `wrong-reply`: a reply that is not the answer.
 * - `fault`: the dome's own SOAP fault.
 * - `unauthorized`: user or password refused.
 * - `unverified`: the dome said yes and did not do it.
 * - `missing`: the dome lacks what the recipe needs (no PTZ profile ..).
 * - `out-of-range`: it would have looked where it may not.
 * - `held`: not sent at all; the link has told why.
 * - `superseded`: a newer target took its place.
 */
export type DomeErrorKind =
  | 'unreachable'
  | 'broken'
  | 'timeout'
  | 'too-large'
  | 'http'
  | 'malformed'
  | 'wrong-reply'
  | 'fault'
  | 'unauthorized'
  | 'unverified'
  | 'missing'
  | 'out-of-range'
  | 'held'
  | 'superseded';

export interface SoapFault {
  /** Local names, outermost first: `Sender`, then `NotAuthorized` .. */
  readonly code: string;
  readonly subcodes: readonly string[];
  readonly reason: string;
}

export class DomeError extends Error {
  readonly kind: DomeErrorKind;
  readonly fault: SoapFault | null;
  /** Values of `WWW-Authenticate` that came with a refusal. */
  readonly challenges: readonly string[];

  constructor(
    kind: DomeErrorKind,
    message: string,
    more: { fault?: SoapFault; cause?: unknown; challenges?: readonly string[] } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'DomeError';
    this.kind = kind;
    this.fault = more.fault ?? null;
    this.challenges = more.challenges ?? [];
  }
}

/** Returns a fault of the world; anything else is a bug of ours and is thrown on. */
export function asDomeError(error: unknown): DomeError {
  if (error instanceof DomeError) return error;
  throw error;
}
