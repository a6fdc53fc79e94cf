// A clip or snapshot, fetched in pieces over the line, one after the other, and proved by its SHA-256.
// A piece without an answer is asked for again; a terminal that says no ends it.

import { type Commands, NoAnswer } from './commands.ts';

export interface Wanted {
  readonly file: string;
  /** As `evidence.stored` told it. */
  readonly bytes: number;
  readonly sha256: string;
}

export interface Fetching {
  /** From 0 to 1. */
  readonly progress: (part: number) => void;
  readonly signal: AbortSignal;
}

export type Fetched =
  | { readonly whole: true; readonly bytes: Uint8Array<ArrayBuffer> }
  /** It came, and is not what was told. */
  | { readonly whole: false; readonly sha256: string };

const pieceMs = 20_000;
const triesMax = 4;
/** As much as a page may hold of one file: an hour of video is more. */
export const fetchBytesMax = 256 * 1024 * 1024;

/** Rejects with `CommandRefused`, `NoAnswer` after some tries, or the reason of the signal. */
export async function fetchEvidence(
  commands: Pick<Commands, 'ask'>,
  terminal: string,
  { file, bytes, sha256 }: Wanted,
  { progress, signal }: Fetching,
): Promise<Fetched> {
  if (bytes > fetchBytesMax) throw new RangeError(`${bytes} bytes are more than a page can hold`);
  const whole = new Uint8Array(bytes);
  let from = 0;
  let tries = 0;
  while (from < bytes) {
    signal.throwIfAborted();
    try {
      const piece = await commands.ask(
        terminal,
        'evidence.get',
        { file, from },
        { withinMs: pieceMs },
      );
      const part = bytesOf(piece.data);
      if (part.length === 0 || from + part.length > bytes) break;
      whole.set(part, from);
      from += part.length;
      tries = 0;
      progress(from / bytes);
    } catch (error) {
      tries += 1;
      if (!(error instanceof NoAnswer) || tries >= triesMax) throw error;
    }
  }
  const digest = hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', whole)));
  return digest === sha256 && from === bytes
    ? { whole: true, bytes: whole }
    : { whole: false, sha256: digest };
}

function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  return Uint8Array.from({ length: text.length }, (_, n) => text.charCodeAt(n));
}

const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
