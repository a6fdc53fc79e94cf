// The disk failed, or what is on it is not what it should be. Somebody else's bad input is a
// `Refusal`; our own broken assumption is an assertion.

export type StorageTrouble =
  /** The disk or the system said no. */
  | 'failed'
  /** No answer in time. */
  | 'hanging'
  /** Another daemon has it. */
  | 'held'
  /** The file is there and is no database of ours, or a damaged one. */
  | 'corrupt';

/** The store cannot be opened. `message` says what, why and what to do. */
export class StorageFault extends Error {
  readonly trouble: StorageTrouble;

  constructor(trouble: StorageTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageFault';
    this.trouble = trouble;
  }
}

/** The file is not what it should be, or cannot be read in a place: it is moved aside and salvaged.
 * A disk that takes nothing, or a lack of rights, is no damage: what is there stays there. */
export function isDamage(error: unknown): boolean {
  if (error instanceof StorageFault) return error.trouble === 'corrupt';
  const damage = /^SQLITE_(CORRUPT|NOTADB|IOERR_(READ|SHORT_READ|CORRUPTFS|DATA))/;
  return error instanceof Error && 'code' in error && damage.test(String(error.code));
}

/** One sentence of whatever was thrown, with SQLite's or the system's code in front. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return code && !error.message.startsWith(code) ? `${code}: ${error.message}` : error.message;
}
