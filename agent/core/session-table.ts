// The table of sessions: found, counted, written, told. Who may and what follows is decided elsewhere
// (core/session.ts, core/floor.ts).

import type { Command, Role, SessionKind } from './command.ts';
import type { Draft } from './draft.ts';
import type { SessionNotice } from './message.ts';
import { refused } from './refused.ts';
import type { Session } from './session.ts';
import { type Live, rowOf } from './state.ts';

/** In the order of their offers. */
export const sessionsOf = ({ sessions }: Live, kind: SessionKind): Session[] =>
  Object.values(sessions).filter((session) => session.kind === kind);

/** The sender's own; null where it is another one's, or there is none. */
export function ownSession(
  { live }: Draft,
  { role, user }: Pick<Command, 'role' | 'user'>,
  id: string,
): Session | null {
  const session = rowOf(live.sessions, id);
  return session && session.role === role && session.user === user ? session : null;
}

export const unknownSession = (id: string) =>
  refused('unknown-session', `${id} is none of your sessions`);

export function putSession(draft: Draft, session: Session): void {
  draft.patchLive({ sessions: { ...draft.live.sessions, [session.id]: session } });
}

export function tellSession(draft: Draft, { replyTo }: Session, notice: SessionNotice): void {
  draft.notices.push({ topic: replyTo, notice });
}

/** As people are named in a refusal. */
export const nameOf = ({ role, user }: { readonly role: Role; readonly user: string }): string =>
  `${role}/${user}`;
