// How many commands a minute are looked at, by role and by user. Beyond that a command is refused
// unread: it changes nothing, is no row and no record of its own; the minute's count is one record,
// so that a flood does not wear the flash. Commands count whatever becomes of them, malformed ones
// too. Live: a restart begins to count anew.

import { type RefusalReason, type Role, roles } from './command.ts';
import type { Draft } from './draft.ts';
import type { FactOf } from './fact.ts';
import type { CommandMinute, Live, State } from './state.ts';

export const commandWindowMs = 60_000;

interface Limit {
  readonly role: number;
  /** Less than the role's where many people have it: nobody's broken console locks colleagues out. */
  readonly user: number;
}

/** Commands a minute. All roles together stay below `answersKept` a command's lifetime (obey.ts), so
 * that an answer is never forgotten while its command could still be repeated. */
export const commandLimits: { readonly [R in Role | 'unknown']: Limit } = {
  platform: { role: 600, user: 600 },
  '110-city': { role: 240, user: 120 },
  '110-district': { role: 240, user: 120 },
  'police-video': { role: 60, user: 30 },
  campus: { role: 120, user: 60 },
  school: { role: 60, user: 30 },
  installer: { role: 120, user: 60 },
  /** Roles that the contract does not know. */
  unknown: { role: 30, user: 30 },
};

type AnyCommand = FactOf<'command.received' | 'command.malformed'>;

const reason: RefusalReason = 'too-many';

/** Counts a command; true where it was one too many, which then has been refused. */
export function isTooMany(draft: Draft, command: AnyCommand): boolean {
  commandsDue(draft);
  const minute = draft.live.commands ?? { sinceMs: draft.now.monoMs, taken: {}, refused: {} };
  const role = roles.find((known) => known === command.role) ?? 'unknown';
  const user = `${role}/${command.user}`;
  const limit = commandLimits[role];
  const [ofRole, ofUser] = [minute.taken[role] ?? 0, minute.taken[user] ?? 0];
  if (ofRole < limit.role && ofUser < limit.user) {
    const taken = { ...minute.taken, [role]: ofRole + 1, [user]: ofUser + 1 };
    draft.patchLive({ commands: { ...minute, taken } });
    return false;
  }
  const before = minute.refused[role] ?? { role, user: command.user, count: 0 };
  const refused = { ...minute.refused, [role]: { ...before, count: before.count + 1 } };
  draft.patchLive({ commands: { ...minute, refused } });
  // Answers are bounded, too: a flood gets as many refusals as it may send commands, then silence.
  const most =
    ofRole < limit.role ? `${limit.user} a minute and user` : `${limit.role} a minute for ${role}`;
  if (before.count < limit.role) refuse(draft, command, `at most ${most}; wait a minute`);
  return true;
}

function refuse(draft: Draft, command: AnyCommand, detail: string): void {
  const { id, replyTo, correlation } = command;
  if (replyTo === null) return;
  const verb = command.kind === 'command.received' ? command.args.verb : command.verb;
  draft.answer({ replyTo, correlation }, { id, verb, ok: false, reason, detail });
}

/** Ends the minute when it is over. */
export function commandsDue(draft: Draft): void {
  const { commands } = draft.live;
  if (commands && draft.now.monoMs >= commands.sinceMs + commandWindowMs) commandsEnd(draft);
}

/** Ends the minute and records what was refused in it. */
export function commandsEnd(draft: Draft): void {
  const refused = Object.values(draft.live.commands?.refused ?? {});
  if (refused.length > 0) draft.record.push({ kind: 'commands.refused', roles: refused });
  if (draft.live.commands) draft.patchLive({ commands: null });
}

/** Whether the step between these refused a command unread: then it is no record of its own. */
export const isOneTooMany = (before: State, after: State): boolean =>
  refusedOf(after.live.commands) > refusedOf(before.live.commands);

const refusedOf = (minute: CommandMinute | null): number =>
  Object.values(minute?.refused ?? {}).reduce((sum, { count }) => sum + count, 0);

/** A minute without a refusal ends when the next command comes, and wakes nobody. */
export const commandDeadlines = ({ commands }: Live): number[] =>
  commands && Object.keys(commands.refused).length > 0 ? [commands.sinceMs + commandWindowMs] : [];
