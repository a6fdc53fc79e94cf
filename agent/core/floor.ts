// The floor: all who are in a call hear the gate room, and one of them is heard there. It is taken by rank,
// asked for, given, left; whoever leaves the call leaves it to the next. Only a call that is connected has
// it: a voice that cannot come would keep the room silent for others.

import { type Command, type CommandArgs, type FloorAct, type Role, ranks } from './command.ts';
import type { Draft } from './draft.ts';
import { type Outcome, refused } from './refused.ts';
import type { Session } from './session.ts';
import { nameOf, ownSession, sessionsOf, tellSession, unknownSession } from './session-table.ts';
import { type Live, type Moment, rowOf } from './state.ts';

export interface Floor {
  /** Id of the session that is heard in the gate room. */
  readonly holder: string | null;
  /** Since when it has it, monotonic milliseconds. */
  readonly sinceMs: number;
  /** Sessions that have asked for it, the first first. */
  readonly asking: readonly string[];
  /** Sessions that have left it: it does not fall to them by itself. */
  readonly left: readonly string[];
}

export const freeFloor: Floor = { holder: null, sinceMs: 0, asking: [], left: [] };

/** Why a session is told of the floor. `free`: nobody had it any more. `taken`: by a higher role. `asked`:
 * it stays, and who asks has changed. `joined`: so it stands for one who has come. */
export const floorReasons = ['free', 'taken', 'given', 'left', 'asked', 'joined'] as const;
export type FloorReason = (typeof floorReasons)[number];

export const floorStands = ['has', 'asks', 'none'] as const;
/** How a session stands to the floor. */
export type FloorStand = (typeof floorStands)[number];

/** Somebody in a call, as everybody is told who watches the terminal. */
export interface Caller {
  readonly session: string;
  readonly role: Role;
  readonly user: string;
  readonly mode: Session['mode'];
  readonly floor: FloorStand;
  /** When the call was offered. */
  readonly since: Moment;
}

const isTalker = ({ kind, mode }: Session): boolean => kind === 'talk' && mode === 'talk';

/** A voice that can be heard. */
const canSpeak = (session: Session): boolean => isTalker(session) && session.connectedMs !== null;

const standOf = ({ floor }: Live, id: string): FloorStand => {
  if (floor.holder === id) return 'has';
  return floor.asking.includes(id) ? 'asks' : 'none';
};

/** `session.floor`. */
export function changeFloor(
  draft: Draft,
  by: Command,
  { session: id, act, to }: Extract<CommandArgs, { verb: 'session.floor' }>,
): Outcome {
  const session = ownSession(draft, by, id);
  if (!session) return unknownSession(id);
  if (!isTalker(session)) return refused('not-allowed', 'this session only sees or listens');
  const no = acts[act](draft, session, to);
  return no ?? { session: id, floor: standOf(draft.live, id) };
}

type Refusal = ReturnType<typeof refused> | null;
const acts: {
  readonly [A in FloorAct]: (draft: Draft, session: Session, to: string | null) => Refusal;
} = {
  /** It passes to a higher role at once, to anybody when it is free. */
  take(draft, session) {
    const { holder } = holderIn(draft.live);
    if (holder && holder !== session && ranks[session.role] >= ranks[holder.role])
      return refused('busy', `${nameOf(holder)} is talking; ask for the floor`);
    if (!canSpeak(session)) return acts.ask(draft, session, null);
    pass(draft, session.id, holder ? 'taken' : 'free');
    return null;
  },
  ask(draft, session) {
    const { floor } = draft.live;
    const { holder } = holderIn(draft.live);
    if (holder === session || floor.asking.includes(session.id)) return null;
    if (!holder && canSpeak(session)) {
      pass(draft, session.id, 'free');
      return null;
    }
    const left = without(floor.left, session.id);
    draft.patchLive({ floor: { ...floor, left, asking: [...floor.asking, session.id] } });
    tellAll(draft, 'asked');
    return null;
  },
  give(draft, session, to) {
    if (draft.live.floor.holder !== session.id)
      return refused('not-allowed', 'the floor is given by the one who has it');
    const next = rowOf(draft.live.sessions, to ?? '');
    if (!next || !canSpeak(next))
      return refused('unknown-session', `${to ?? 'nobody'} is not in a call in which one may talk`);
    pass(draft, next.id, 'given');
    return null;
  },
  /** Gives it up, or no longer asks; the call goes on. */
  leave(draft, session) {
    const { floor } = draft.live;
    const { id } = session;
    const left = [...without(floor.left, id), id];
    draft.patchLive({ floor: { ...floor, left, asking: without(floor.asking, id) } });
    if (floor.holder === id) pass(draft, nextIn(draft.live), 'left');
    else if (floor.asking.includes(id)) tellAll(draft, 'asked');
    return null;
  },
};

/** A call has come or gone: what is left of it goes, and a floor that is free falls to the next. */
export function settleFloor(draft: Draft): void {
  const { floor, sessions } = draft.live;
  const there = (id: string): boolean => Object.hasOwn(sessions, id);
  const [asking, left] = [floor.asking.filter(there), floor.left.filter(there)];
  const isAskedByFewer = asking.length < floor.asking.length;
  if (isAskedByFewer || left.length < floor.left.length)
    draft.patchLive({ floor: { ...floor, asking, left } });
  if (floor.holder !== null && there(floor.holder)) {
    if (isAskedByFewer) tellAll(draft, 'asked');
    return;
  }
  pass(draft, nextIn(draft.live), 'free');
}

/** Tells one who has come how it stands, unless it has just been told to all. */
export function tellFloor(draft: Draft, session: Session): void {
  if (session.kind === 'talk' && draft.live.floor.holder !== session.id)
    tellSession(draft, session, noticeFor(draft.live, session, 'joined'));
}

/** How long a session has had the floor so far, milliseconds. */
export const floorMsOf = ({ floor }: Live, { id, floorMs }: Session, monoMs: number): number =>
  floorMs + (floor.holder === id ? monoMs - floor.sinceMs : 0);

/** All who are in a call, the one who is heard first, then who would be next. */
export function callersOf(live: Live): Caller[] {
  const { holder } = live.floor;
  return sessionsOf(live, 'talk')
    .filter(({ connectedMs }) => connectedMs !== null)
    .sort((a, b) => Number(b.id === holder) - Number(a.id === holder) || before(live, a, b))
    .map(({ id, role, user, mode, since }) => ({
      ...{ session: id, role, user, mode, floor: standOf(live, id), since },
    }));
}

const holderIn = ({ floor, sessions }: Live) => ({
  holder: rowOf(sessions, floor.holder ?? '') ?? null,
});

/** Who has asked goes before who has not, a higher role before a lower one, an older before a newer. */
function before({ floor }: Live, a: Session, b: Session): number {
  const [hasA, hasB] = [floor.asking.includes(a.id), floor.asking.includes(b.id)];
  if (hasA !== hasB) return hasA ? -1 : 1;
  const order = floor.asking.indexOf(a.id) - floor.asking.indexOf(b.id);
  return ranks[a.role] - ranks[b.role] || (hasA ? order : a.sinceMs - b.sinceMs);
}

function nextIn(live: Live): string | null {
  const [next] = sessionsOf(live, 'talk')
    .filter((session) => canSpeak(session) && !live.floor.left.includes(session.id))
    .sort((a, b) => before(live, a, b));
  return next?.id ?? null;
}

function pass(draft: Draft, holder: string | null, why: FloorReason): void {
  const { floor, sessions } = draft.live;
  if (floor.holder === holder) return;
  const { monoMs } = draft.now;
  const was = rowOf(sessions, floor.holder ?? '');
  const spoken = was && { [was.id]: { ...was, floorMs: floorMsOf(draft.live, was, monoMs) } };
  const [asking, left] = [without(floor.asking, holder), without(floor.left, holder)];
  draft.patchLive({
    sessions: { ...sessions, ...spoken },
    floor: { holder, sinceMs: monoMs, asking, left },
  });
  tellAll(draft, why);
}

function tellAll(draft: Draft, why: FloorReason): void {
  for (const one of sessionsOf(draft.live, 'talk'))
    tellSession(draft, one, noticeFor(draft.live, one, why));
}

function noticeFor(live: Live, { id }: Session, why: FloorReason) {
  const { holder } = holderIn(live);
  const asking = sessionsOf(live, 'talk')
    .filter((one) => live.floor.asking.includes(one.id))
    .sort((a, b) => before(live, a, b))
    .map(({ id: session, role, user }) => ({ session, role, user }));
  return {
    ...({ kind: 'session.floor', session: id, yours: holder?.id === id, why, asking } as const),
    ...{ role: holder?.role ?? null, user: holder?.user ?? null },
  };
}

const without = (ids: readonly string[], id: string | null): string[] =>
  ids.filter((one) => one !== id);
