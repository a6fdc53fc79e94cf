// Cases that have ended, for a desk that was not there when they did: those that the terminal still has as
// rows, the newest first, in pages. Older ones are in the hash chain alone.

import type { Command, CommandArgs } from './command.ts';
import { courseOf } from './course.ts';
import type { Draft } from './draft.ts';
import { answerOf } from './job.ts';
import type { Actor, Incident, Live } from './state.ts';

export const pastLimits = {
  /** Of a page. */
  most: 50,
  /** Of a page's JSON; a character is three bytes at most, and 64 kB are no burden to any line. */
  chars: 16_000,
} as const;

/** Where a page ends; the next one begins behind it. */
export interface PastCursor {
  readonly raisedWallMs: number;
  readonly id: string;
}

const cursorOf = ({ id, raised }: Incident): PastCursor => ({ raisedWallMs: raised.wallMs, id });

/** `incident.list`. Behind everything else on the line, and no record: it changes nothing. */
export function listPast(
  draft: Draft,
  command: Command,
  { before, most }: Extract<CommandArgs, { verb: 'incident.list' }>,
): 'later' {
  const { durable, live } = draft;
  const after = Object.values(durable.incidents)
    .filter((one) => one.resolved && (!before || isBehind(cursorOf(one), before)))
    .sort((a, b) => (isBehind(cursorOf(a), cursorOf(b)) ? 1 : -1));
  const cases: object[] = [];
  let chars = 0;
  for (const incident of after.slice(0, most)) {
    const told = toldOf(incident, live);
    chars += JSON.stringify(told).length;
    // The first whatever it is, or there would be no end.
    if (cases.length > 0 && chars > pastLimits.chars) break;
    cases.push(told);
  }
  const last = after[cases.length - 1];
  const next = last && cases.length < after.length ? cursorOf(last) : null;
  draft.answer(command, answerOf(command, { cases, next }), 'bulk');
  return 'later';
}

/** Older; of one moment, by id. */
const isBehind = (a: PastCursor, b: PastCursor): boolean =>
  a.raisedWallMs < b.raisedWallMs || (a.raisedWallMs === b.raisedWallMs && a.id < b.id);

const by = (actor: Actor | null) =>
  actor && { role: actor.role, user: actor.user, wallMs: actor.at.wallMs };

function toldOf(incident: Incident, live: Live) {
  const { id, input, kind, mark = null, raised, presses, resolved, made } = incident;
  return {
    ...{ id, input, kind, mark, presses, raisedWallMs: raised.wallMs, clock: raised.clock },
    course: courseOf(incident, live),
    ...{ seen: by(incident.seen), taken: by(incident.taken), held: incident.held !== undefined },
    made: made ? { wallMs: made.at.wallMs, was: made.was, reason: made.reason } : null,
    resolved: resolved && { ...by(resolved), reason: resolved.reason, note: resolved.note },
  };
}
