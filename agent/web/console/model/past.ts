// A case that had ended before this desk heard of it, as its terminal lists it: the same log as one that was
// heard, as far as the terminal tells. Pure.

import type { Identity, PastCase } from '../../../contract.ts';
import { type CaseLog, type Line, linesOf, withLines } from './log.ts';

/** The same log where it is known how it ended. */
export function fromPast(
  before: CaseLog | undefined,
  past: PastCase,
  { terminal, identity }: { readonly terminal: string; readonly identity: Identity | null },
): CaseLog {
  if (before?.resolved) return before;
  const { id, kind, mark, course, input, raisedWallMs: raisedMs, made } = past;
  const { role, user, reason, note, wallMs: atMs } = past.resolved;
  const inputName = course?.inputName ?? input;
  const raised: Line = {
    ...{ key: 'raised', atMs: raisedMs, what: 'raised', who: null, detail: inputName },
  };
  const real: Line[] = made
    ? [{ key: 'made-real', atMs: made.wallMs, what: 'made-real', who: null, detail: made.reason }]
    : [];
  const end: Line = {
    ...{ key: 'resolved', atMs, what: 'resolved', who: { role, user }, detail: reason },
  };
  const log: CaseLog = {
    ...{ id, terminal, identity: before?.identity ?? identity, kind, mark, inputName, raisedMs },
    ...{ lines: before?.lines ?? [], files: before?.files ?? [] },
    resolved: { role, user, reason, note, atMs },
  };
  return withLines(log, [raised, ...linesOf(past), ...real, end]);
}
