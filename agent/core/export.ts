// A case taken away as one file: asked for by a dispatcher over the contract or by somebody at the terminal
// itself, always with a reason. The record says who, why, and how the case stood then, so that whoever checks
// the file later finds it in the chain. It dies with the process: whoever has asked asks again.

import type { Command, CommandArgs } from './command.ts';
import { isDelivered } from './delivery.ts';
import type { Draft } from './draft.ts';
import type { FactOf } from './fact.ts';
import { openIncidents, resolvedKept } from './incident.ts';
import { type Outcome, type Refused, refused } from './refused.ts';
import { type Incident, type Live, type Moment, rowOf, type State } from './state.ts';
import type { ExportTarget } from './target.ts';

export const exportLimits = {
  reasonChars: 200,
  /** Under way or waiting. */
  atOnce: 4,
  mostMs: 3_600_000,
} as const;

/** Who wants it. A role of the contract, or `local`: whoever may use the control socket. */
interface Who {
  readonly role: string;
  readonly user: string;
  readonly reason: string;
}

export interface ExportAsked extends Who {
  /** Unique for ever. */
  readonly export: string;
  readonly incident: string;
}

/** As it is kept in the hash chain. */
export interface ExportBegun extends ExportAsked {
  /** Name of the bundle. */
  readonly file: string;
  /** The row as it is now: the chain holds none of the times of PUBACK and receipt otherwise. */
  readonly case: Incident;
}

export interface ExportEnd {
  readonly export: string;
  readonly incident: string;
  readonly file: string;
  readonly bytes: number;
  /** Of the whole bundle; empty where there is none. */
  readonly sha256: string;
  /** Why there is none; null: it is on the shelf. */
  readonly detail: string | null;
}

export interface Export extends ExportBegun {
  readonly at: Moment;
  /** Monotonic milliseconds. */
  readonly deadlineMs: number;
}

type Args = Extract<CommandArgs, { verb: 'evidence.export' }>;

/** `evidence.export`: answered at once with the name, told as `evidence.exported` when it is there. */
export function exportCase(
  draft: Draft,
  { role, user }: Command,
  { incident, reason }: Args,
): Outcome {
  if (!draft.live.setup.evidence)
    return refused('failed', 'no clips are kept here; see media.clips of the configuration');
  return begin(draft, { export: draft.now.id, incident, role, user, reason });
}

/** Takes an `export.asked` fact. Whoever asks has looked with `whyNoExport` before. */
export function exportAsked(draft: Draft, { kind: _, ...asked }: FactOf<'export.asked'>): void {
  begin(draft, asked);
}

/** Why this case cannot be exported now; null: it can. */
export function whyNoExport({ durable, live }: State, incident: string): Refused | null {
  const row = rowOf(durable.incidents, incident);
  // Its times of PUBACK and receipt, which nothing else has, went with the row.
  if (!row)
    return refused(
      'unknown-incident',
      `${incident} is neither open nor a recent one: the last ${resolvedKept} are kept whole, and those on ` +
        'hold. What the chain has of an older one stays there, and the platform has what it was told',
    );
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(incident))
    return refused('failed', 'a case of this id cannot be a file; its record was unreadable');
  if (live.exports.length >= exportLimits.atOnce)
    return refused('busy', `${exportLimits.atOnce} exports are under way; ask again later`);
  if (live.exports.some((one) => one.incident === incident))
    return refused('busy', 'this case is being exported; ask again when that is told');
  return null;
}

function begin(draft: Draft, asked: ExportAsked): Outcome {
  const no = whyNoExport(draft.state, asked.incident);
  const row = rowOf(draft.durable.incidents, asked.incident);
  if (no || !row) return no ?? refused('failed', 'no such case');
  const file = `${asked.incident}-${Math.trunc(draft.now.wallMs)}.zip`;
  const begun: ExportBegun = { ...asked, file, case: row };
  draft.record.push({ kind: 'export.begun', ...begun });
  const deadlineMs = draft.now.monoMs + exportLimits.mostMs;
  const one: Export = { ...begun, at: draft.at, deadlineMs };
  draft.patchLive({ exports: [...draft.live.exports, one] });
  return { export: asked.export, file };
}

/** Of one that is not wanted any more nothing is told. */
export function exportEnded(draft: Draft, { kind: _, ...end }: FactOf<'export.ended'>): void {
  const { exports } = draft.live;
  if (!exports.some((one) => one.export === end.export)) return;
  draft.patchLive({ exports: exports.filter((one) => one.export !== end.export) });
  draft.tell('event', { kind: 'evidence.exported', ...end, ok: end.detail === null });
}

export function exportsDue(draft: Draft): void {
  for (const { export: id, incident, file, deadlineMs } of draft.live.exports) {
    if (draft.now.monoMs < deadlineMs) continue;
    const none = { bytes: 0, sha256: '', detail: 'it took too long' };
    const end = { kind: 'export.ended' as const, export: id, incident, file, ...none };
    draft.record.push(end);
    exportEnded(draft, end);
  }
}

export const exportDeadlines = ({ exports }: Live): number[] =>
  exports.map(({ deadlineMs }) => deadlineMs);

export const exportTarget = ({ durable, live }: State): ExportTarget => ({
  exports: live.exports,
  // Its ten seconds belong to the alarm; after them the line is at fault, and no disk could help it.
  isPaused: openIncidents(durable).some((one) => !one.undelivered && !isDelivered(one, live.setup)),
});
