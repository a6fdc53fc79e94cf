// Any file that a terminal keeps, fetched in pieces over the line, one after the other, and proved by its
// SHA-256. A piece without an answer is asked for again, and where another desk is fetching; a terminal that
// says no ends it.

import type { RefusalReason } from '../../core/command.ts';
import type { ClientClock } from './clock.ts';
import { CommandRefused, type Commands, NoAnswer } from './commands.ts';

/** What it needs of the client. */
export interface Asking {
  readonly clock: ClientClock;
  readonly ask: Commands['ask'];
}

export interface Wanted {
  readonly file: string;
  /** As `evidence.stored` told it. */
  readonly bytes: number;
  readonly sha256: string;
}

export interface Fetching {
  /** From 0 to 1. */
  readonly progress?: (part: number) => void;
  readonly signal?: AbortSignal | undefined;
}

export type Fetched =
  | { readonly whole: true; readonly bytes: Uint8Array<ArrayBuffer> }
  /** It came, and is not what was told. */
  | { readonly whole: false; readonly sha256: string };

const pieceMs = 20_000;
/** Of one piece, and the pause before the next. */
const triesMax = 30;
const againMs = 1_000;
/** Others come first; the same question may be answered a moment later. */
const passing: ReadonlySet<RefusalReason> = new Set(['busy', 'too-many', 'expired', 'wrong-boot']);
/** As much as a page may hold of one file: an hour of video is more. */
export const fetchBytesMax = 256 * 1024 * 1024;

/** Rejects with `CommandRefused`, `NoAnswer` after some tries, or the reason of the signal. */
export async function fetchEvidence(
  asking: Asking,
  terminal: string,
  { file, bytes, sha256 }: Wanted,
  { progress, signal }: Fetching = {},
): Promise<Fetched> {
  if (bytes > fetchBytesMax) throw new RangeError(`${bytes} bytes are more than a page can hold`);
  const whole = new Uint8Array(bytes);
  let from = 0;
  while (from < bytes) {
    const piece = await pieceOf(asking, terminal, { file, from }, signal);
    const part = bytesOf(piece.data);
    if (part.length === 0 || from + part.length > bytes) break;
    whole.set(part, from);
    from += part.length;
    progress?.(from / bytes);
  }
  const digest = hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', whole)));
  return digest === sha256 && from === bytes
    ? { whole: true, bytes: whole }
    : { whole: false, sha256: digest };
}

async function pieceOf(
  { ask, clock }: Asking,
  terminal: string,
  asked: { readonly file: string; readonly from: number },
  signal: AbortSignal | undefined,
) {
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    try {
      return await ask(terminal, 'evidence.get', asked, { withinMs: pieceMs });
    } catch (error) {
      const passes =
        error instanceof NoAnswer || (error instanceof CommandRefused && passing.has(error.reason));
      if (!passes || tries >= triesMax) throw error;
    }
    await new Promise<void>((next) => clock.after(againMs, next));
  }
}

function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  return Uint8Array.from({ length: text.length }, (_, n) => text.charCodeAt(n));
}

const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
