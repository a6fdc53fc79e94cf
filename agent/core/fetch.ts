// Evidence on its way to the platform: a piece at a time in an answer, or a whole file to an address that the
// platform hands out. Both die with the process: whoever has asked asks again, and goes on where it was.

import type { Command, CommandArgs } from './command.ts';
import type { Draft } from './draft.ts';
import type { FactOf } from './fact.ts';
import { answerOf } from './job.ts';
import { type Outcome, refused } from './refused.ts';
import { type Incident, type Live, rowOf } from './state.ts';

export const fetchLimits = {
  /** Of a piece. */
  bytesMax: 32_768,
  pieceMs: 10_000,
  /** On their way or waiting. */
  uploadsMax: 8,
  uploadMs: 12 * 3_600_000,
  /** Cases that are held. */
  heldMax: 50,
} as const;

/** A piece of a file that somebody waits for. */
export interface Piece {
  readonly id: string;
  readonly file: string;
  readonly from: number;
  readonly bytes: number;
  readonly command: Command;
  /** Monotonic milliseconds. */
  readonly deadlineMs: number;
}

export interface Upload {
  readonly id: string;
  readonly file: string;
  /** May have a secret in it: never a record, never in the log. */
  readonly url: string;
  readonly deadlineMs: number;
}

type Args<V extends CommandArgs['verb']> = Extract<CommandArgs, { verb: V }>;

const none = () =>
  refused('failed', 'no clips are kept here; see media.clips of the configuration');

/** `evidence.get`. */
export function getPiece(
  draft: Draft,
  command: Command,
  args: Args<'evidence.get'>,
): Outcome | 'later' {
  const { live, now } = draft;
  if (!live.setup.evidence) return none();
  if (live.piece) return refused('busy', 'one piece at a time; ask again when it has come');
  const { file, from, bytes } = args;
  const deadlineMs = now.monoMs + fetchLimits.pieceMs;
  draft.patchLive({ piece: { id: now.id, file, from, bytes, command, deadlineMs } });
  return 'later';
}

/** Takes the piece to whoever asked for it, behind everything else. */
export function pieceRead(draft: Draft, fact: FactOf<'evidence.read'>): void {
  const { piece } = draft.live;
  if (piece?.id !== fact.id) return;
  const { file, from, command } = piece;
  const { data, total, detail } = fact;
  const outcome = data === null ? refused('unknown-file', detail) : { file, from, total, data };
  draft.patchLive({ piece: null });
  draft.answer(command, answerOf(command, outcome), 'bulk');
}

/** `evidence.put`. The same file again takes the new address. */
export function putFile(draft: Draft, args: Args<'evidence.put'>): Outcome {
  const { live, now } = draft;
  if (!live.setup.evidence) return none();
  const { file, url } = args;
  const others = live.uploads.filter((one) => one.file !== file);
  if (others.length >= fetchLimits.uploadsMax)
    return refused('busy', `${fetchLimits.uploadsMax} files are on their way`);
  const upload = { id: now.id, file, url, deadlineMs: now.monoMs + fetchLimits.uploadMs };
  draft.patchLive({ uploads: [...others, upload] });
  return { upload: now.id };
}

/** Of one that is not asked for any more nothing is told. */
export function fileSent(draft: Draft, fact: FactOf<'evidence.sent'>): void {
  const upload = draft.live.uploads.find(({ id }) => id === fact.id);
  if (upload) uploadEnds(draft, upload, fact.detail);
}

function uploadEnds(draft: Draft, { id, file }: Upload, detail: string | null): void {
  draft.patchLive({ uploads: draft.live.uploads.filter((one) => one.id !== id) });
  draft.tell('event', { kind: 'evidence.sent', file, upload: id, ok: detail === null, detail });
}

/** `evidence.hold`. */
export function hold(draft: Draft, by: Command, args: Args<'evidence.hold'>): Outcome {
  const incident = rowOf(draft.durable.incidents, args.incident);
  if (!incident)
    return refused('unknown-incident', `${args.incident} is neither open nor a recent one`);
  if ((incident.held !== undefined) === args.on) return { held: args.on };
  const held = Object.values(draft.durable.incidents).filter((one) => one.held).length;
  if (args.on && held >= fetchLimits.heldMax)
    return refused('busy', `${fetchLimits.heldMax} cases are held; let one go first`);
  const { held: _, ...free } = incident;
  const holder = { role: by.role, user: by.user, at: draft.at };
  const row: Incident = args.on ? { ...free, held: holder } : free;
  draft.put('incidents', row);
  return { held: args.on };
}

export function fetchDue(draft: Draft): void {
  const { live, now } = draft;
  const { piece } = live;
  if (piece && now.monoMs >= piece.deadlineMs) {
    draft.patchLive({ piece: null });
    draft.answer(piece.command, answerOf(piece.command, refused('failed', 'no piece in time')));
  }
  for (const upload of live.uploads)
    if (now.monoMs >= upload.deadlineMs) uploadEnds(draft, upload, 'it took too long');
}

export const fetchDeadlines = ({ piece, uploads }: Live): number[] =>
  [...(piece ? [piece] : []), ...uploads].map(({ deadlineMs }) => deadlineMs);
