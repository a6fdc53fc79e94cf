// Who may call or listen in, and for which case.

import type { Role, SessionOffer } from './command.ts';
import type { Draft } from './draft.ts';
import { isSilent, openIncidents } from './incident.ts';
import { type Refused, refused } from './refused.ts';
import type { Incident } from './state.ts';

/** Roles that may be in a call; whoever may offer may see. */
const callers: readonly Role[] = ['platform', '110-city', '110-district', 'installer'];

/** The case a session is for; undefined where the one that was named is not open. */
export function incidentFor(draft: Draft, named: string | null): string | null | undefined {
  const open = openIncidents(draft.durable);
  if (named !== null) return open.some(({ id }) => id === named) ? named : undefined;
  const isMarked = ({ mark }: Incident): number => (mark ? 1 : 0);
  const [oldest] = [...open].sort(
    (a, b) => isMarked(a) - isMarked(b) || a.raised.wallMs - b.raised.wallMs,
  );
  return oldest?.id ?? null;
}

/** Why this role may not have this call now; null: it may. */
export function whyNoTalk(
  draft: Draft,
  role: Role,
  { mode }: SessionOffer,
  incident: string | null,
): Refused | null {
  if (!callers.includes(role)) return refused('not-allowed', `${role} may see, and not talk`);
  const open = openIncidents(draft.durable);
  if (mode === 'talk' && open.length > 0 && open.every(isSilent))
    return refused('silent-incident', 'a voice would betray a silent alarm; listen instead');
  if (incident !== null) return null;
  const { idleCalls, listeners } = draft.live.setup.media;
  if (mode === 'listen' && !listeners.includes(role))
    return refused('not-allowed', `${role} may not listen in while no case is open`);
  if (mode === 'talk' && idleCalls === 'refuse')
    return refused('no-open-incident', 'this terminal takes calls only while a case is open');
  return null;
}
