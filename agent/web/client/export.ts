// A case as one file, from the desk: asked for with a reason, awaited, fetched.

import type { EventMessage } from '../../contract.ts';
import { type Args, NoAnswer } from './commands.ts';
import { type Asking, fetchEvidence } from './evidence.ts';

export interface CaseFile {
  /** As the terminal names it; a good name to save it by. */
  readonly name: string;
  readonly blob: Blob;
  readonly sha256: string;
}

export interface ExportOptions {
  /** Bytes so far, and all of them; null while the terminal is still making it. */
  readonly progress?: (bytes: number, of: number | null) => void;
  readonly signal?: AbortSignal;
}

/** What it needs of the client. */
export interface ExportLine extends Asking {
  onEvent(call: (event: EventMessage) => void): () => void;
}

/** The terminal could not make it, or it did not arrive as it was made. */
export class NoCaseFile extends Error {}

type Exported = Extract<EventMessage, { kind: 'evidence.exported' }>;

/** An hour is what the terminal gives it. */
const madeWithinMs = 3_600_000;

/** Rejects with `CommandRefused` (and why), `NoAnswer`, `NoCaseFile`, or the signal's reason. */
export async function exportCase(
  line: ExportLine,
  terminal: string,
  asked: Args<'evidence.export'>,
  { progress, signal }: ExportOptions = {},
): Promise<CaseFile> {
  // It may be made before its answer is here.
  const early: Exported[] = [];
  let arrived: () => void = () => undefined;
  const off = line.onEvent((event) => {
    if (event.kind !== 'evidence.exported' || event.terminal !== terminal) return;
    early.push(event);
    arrived();
  });
  try {
    progress?.(0, null);
    const begun = await line.ask(terminal, 'evidence.export', asked);
    signal?.throwIfAborted();
    const made = await new Promise<Exported>((done, failed) => {
      const late = () => failed(new NoAnswer('not made in an hour'));
      const cancel = line.clock.after(madeWithinMs, late);
      const stop = () => {
        cancel();
        failed(signal?.reason);
      };
      arrived = () => {
        const mine = early.find((one) => one.export === begun.export);
        if (!mine) return;
        cancel();
        signal?.removeEventListener('abort', stop);
        done(mine);
      };
      signal?.addEventListener('abort', stop, { once: true });
      arrived();
    });
    if (!made.ok) throw new NoCaseFile(made.detail ?? 'it could not be made');
    const { file: name, bytes, sha256 } = made;
    const fetched = await fetchEvidence(line, terminal, made, {
      progress: (part) => progress?.(Math.round(part * bytes), bytes),
      signal,
    });
    if (!fetched.whole) throw new NoCaseFile('it arrived changed');
    return { name, blob: new Blob([fetched.bytes], { type: 'application/zip' }), sha256 };
  } finally {
    off();
  }
}
