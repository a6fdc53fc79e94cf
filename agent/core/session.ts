// Calls and viewers: who may, how many, whose voice is heard, how long. A session lives as long as the
// process and no longer; what is kept of it is that it was (`session.opened`, `session.ended`). Here are
// the rules; the media processes make the peer connections, and their facts come back here.

import { incidentFor, whyNoTalk } from './admit.ts';
import {
  type Command,
  type CommandArgs,
  type IceCandidate,
  type Role,
  ranks,
  type SessionKind,
  type SessionOffer,
} from './command.ts';
import type { Draft } from './draft.ts';
import type { FactOf } from './fact.ts';
import { openIncidents } from './incident.ts';
import type { SessionNotice } from './message.ts';
import { refused } from './refused.ts';
import { type Live, rowOf } from './state.ts';

/** What the configuration says of calls and viewers. */
export interface MediaRules {
  /** At once; more are refused. */
  readonly viewersMax: number;
  readonly talkersMax: number;
  /** A call while no case is open: announced by tone, words and lamp, or refused. */
  readonly idleCalls: 'announce' | 'refuse';
  /** Roles that may listen in unannounced while no case is open. */
  readonly listeners: readonly Role[];
  readonly talkMsMax: number;
}

export const defaultMediaRules: MediaRules = {
  viewersMax: 4,
  talkersMax: 3,
  idleCalls: 'announce',
  listeners: [],
  talkMsMax: 3_600_000,
};

export interface Session extends SessionOffer {
  readonly id: string;
  readonly role: Role;
  readonly user: string;
  readonly replyTo: string;
  /** Nobody in the gate room has asked for it. */
  readonly announced: boolean;
  readonly candidates: readonly (IceCandidate | null)[];
  /** SDP of the answer, once there is one. */
  readonly answer: string | null;
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
  readonly connectedMs: number | null;
}

/** As it is kept in the hash chain: no SDP, no candidate, no password. */
export interface SessionStart {
  readonly session: string;
  readonly media: SessionKind;
  readonly mode: SessionOffer['mode'];
  readonly role: Role;
  readonly user: string;
  readonly incident: string | null;
}

export const sessionEndReasons = ['bye', 'resolved', 'too-long', 'replaced', 'refused'] as const;
export type SessionEndReason = (typeof sessionEndReasons)[number];

export interface SessionEnd {
  readonly session: string;
  readonly reason: SessionEndReason | 'lost';
  readonly detail: string;
  /** How long it was connected, milliseconds. */
  readonly lastedMs: number;
}

export const sessionLimits = {
  candidates: 40,
  /** From the offer to the connection. */
  ringingMs: 20_000,
  liveMs: 12 * 3_600_000,
} as const;

type Args<V extends CommandArgs['verb']> = Extract<CommandArgs, { verb: V }>;
type Result = { readonly [key: string]: unknown };

/** `session.offer`. The same offer again gets its answer again. */
export function offer(draft: Draft, command: Command, args: Args<'session.offer'>) {
  const { verb: _, ...asked } = args;
  const { role, user, replyTo } = command;
  const known = rowOf(draft.live.sessions, asked.session);
  if (known) return offerAgain(draft, known, command, asked);
  const incident = incidentFor(draft, asked.incident);
  if (incident === undefined)
    return refused('unknown-incident', `${asked.incident} is not an open case`);
  const no = asked.kind === 'talk' ? whyNoTalk(draft, role, asked, incident) : null;
  if (no) return no;
  makeRoom(draft, command, asked);
  const { viewersMax, talkersMax } = draft.live.setup.media;
  const max = asked.kind === 'live' ? viewersMax : talkersMax;
  if (all(draft.live, asked.kind).length >= max)
    return refused('busy', `${max} sessions of this kind are on; ask one of them to end`);
  const announced = asked.kind === 'talk' && asked.mode === 'talk' && incident === null;
  const session: Session = {
    ...asked,
    ...{ id: asked.session, incident, role, user, replyTo, announced },
    ...{ candidates: [], answer: null, sinceMs: draft.now.monoMs, connectedMs: null },
  };
  put(draft, session);
  const { kind: media, mode } = asked;
  draft.record.push({
    ...({ kind: 'session.opened', session: session.id, media, mode } as const),
    ...{ role, user, incident },
  });
  giveFloor(draft);
  return { session: session.id, incident, announced };
}

function offerAgain(draft: Draft, known: Session, by: Command, asked: SessionOffer) {
  if (known.role !== by.role || known.user !== by.user || known.sdp !== asked.sdp)
    return refused('busy', `session ${known.id} is another one; make a new id`);
  if (known.answer !== null)
    tell(draft, known, { kind: 'session.answer', session: known.id, sdp: known.answer });
  return { session: known.id, incident: known.incident, announced: known.announced };
}

/** A client that offers anew is not kept out by what is left of its session before. */
function makeRoom(draft: Draft, { role, user }: Command, { kind, replaces }: SessionOffer): void {
  const own = all(draft.live, kind).filter((one) => one.role === role && one.user === user);
  const before = own.find(({ id }) => id === replaces);
  if (before) close(draft, before, 'replaced', 'taken over by a new session');
}

/** `session.candidate`. */
export function addCandidates(draft: Draft, by: Command, args: Args<'session.candidate'>) {
  const session = ownSession(draft, by, args.session);
  if (!session) return unknown(args.session);
  const candidates = [...session.candidates, ...args.candidates];
  if (candidates.length > sessionLimits.candidates)
    return refused('too-many', `${sessionLimits.candidates} candidates a session`);
  put(draft, { ...session, candidates });
  return {};
}

/** `session.floor`: the first has it; it passes to a higher role, or to anybody when it is free. */
export function takeFloor(draft: Draft, by: Command, args: Args<'session.floor'>) {
  const session = ownSession(draft, by, args.session);
  if (!session) return unknown(args.session);
  const holder = rowOf(draft.live.sessions, draft.live.floor ?? '');
  if (session.kind !== 'talk' || session.mode !== 'talk')
    return refused('not-allowed', 'this session only sees or listens');
  if (holder && holder !== session && ranks[by.role] >= ranks[holder.role])
    return refused('busy', `${holder.role}/${holder.user} is talking`);
  setFloor(draft, session.id);
  return { session: session.id };
}

/** `session.bye`. One that is not there has ended already: that is what was asked for. */
export function bye(draft: Draft, by: Command, args: Args<'session.bye'>): Result {
  const session = ownSession(draft, by, args.session);
  if (session) close(draft, session, 'bye', 'ended by the caller');
  return { already: !session };
}

const unknown = (id: string) => refused('unknown-session', `${id} is none of your sessions`);

function ownSession({ live }: Draft, { role, user }: Command, id: string): Session | null {
  const session = rowOf(live.sessions, id);
  return session && session.role === role && session.user === user ? session : null;
}

type MediaFact = FactOf<
  'session.answered' | 'session.gathered' | 'session.connected' | 'session.heard' | 'session.closed'
>;

/** Takes what a media process says of a session. */
export function mediaTold(draft: Draft, fact: MediaFact): void {
  const session = rowOf(draft.live.sessions, fact.session);
  if (!session) return;
  const { id } = session;
  switch (fact.kind) {
    case 'session.answered':
      put(draft, { ...session, answer: fact.sdp });
      return tell(draft, session, { kind: 'session.answer', session: id, sdp: fact.sdp });
    case 'session.gathered':
      return tell(draft, session, {
        ...({ kind: 'session.candidate', session: id } as const),
        candidates: fact.candidates,
      });
    case 'session.connected':
      if (session.connectedMs !== null) return;
      put(draft, { ...session, connectedMs: draft.now.monoMs });
      tell(draft, session, { kind: 'session.connected', session: id });
      return markTalking(draft);
    case 'session.heard':
      return tell(draft, session, { kind: 'session.heard', session: id, from: fact.from });
    case 'session.closed':
      return close(draft, session, fact.reason, fact.detail);
  }
}

/** Ends what has rung or lasted too long, and calls whose case is resolved. */
export function sessionsDue(draft: Draft): void {
  for (const session of Object.values(draft.live.sessions)) {
    if (draft.now.monoMs < deadlineOf(draft.live, session)) continue;
    if (session.connectedMs === null) close(draft, session, 'lost', 'no way to the caller');
    else close(draft, session, 'too-long', 'it has lasted as long as a session may');
  }
}

export const sessionDeadlines = (live: Live): number[] =>
  Object.values(live.sessions).map((session) => deadlineOf(live, session));

function deadlineOf({ setup }: Live, { kind, sinceMs, connectedMs }: Session): number {
  if (connectedMs === null) return sinceMs + sessionLimits.ringingMs;
  return connectedMs + (kind === 'talk' ? setup.media.talkMsMax : sessionLimits.liveMs);
}

/** The call of a case ends with it; whoever sees goes on seeing. */
export function endCalls(draft: Draft, incident: string): void {
  for (const session of all(draft.live, 'talk'))
    if (session.incident === incident) close(draft, session, 'resolved', 'the case is resolved');
}

/** No call survives a restart. */
export function markTalking(draft: Draft): void {
  const calls = all(draft.live, 'talk').filter(
    ({ connectedMs, mode }) => connectedMs !== null && mode === 'talk',
  );
  for (const incident of openIncidents(draft.durable)) {
    const talking = calls.some((call) => call.incident === incident.id);
    if (incident.talking !== talking) draft.put('incidents', { ...incident, talking });
  }
}

const all = ({ sessions }: Live, kind: SessionKind): Session[] =>
  Object.values(sessions).filter((session) => session.kind === kind);

function put(draft: Draft, session: Session): void {
  draft.patchLive({ sessions: { ...draft.live.sessions, [session.id]: session } });
}

function tell(draft: Draft, { replyTo }: Session, notice: SessionNotice): void {
  draft.notices.push({ topic: replyTo, notice });
}

function close(draft: Draft, session: Session, reason: SessionEnd['reason'], detail: string): void {
  const { [session.id]: _, ...sessions } = draft.live.sessions;
  draft.patchLive({ sessions });
  const { id, connectedMs } = session;
  const lastedMs = connectedMs === null ? 0 : draft.now.monoMs - connectedMs;
  draft.record.push({ kind: 'session.ended', session: id, reason, detail, lastedMs });
  if (reason === 'lost') tell(draft, session, { kind: 'session.lost', session: id, detail });
  else tell(draft, session, { kind: 'session.ended', session: id, reason, detail });
  giveFloor(draft);
  markTalking(draft);
}

/** To the highest role, the oldest of them, where nobody has it. */
function giveFloor(draft: Draft): void {
  const { floor, sessions } = draft.live;
  if (floor !== null && Object.hasOwn(sessions, floor)) return;
  const [next] = all(draft.live, 'talk')
    .filter(({ mode }) => mode === 'talk')
    .sort((a, b) => ranks[a.role] - ranks[b.role] || a.sinceMs - b.sinceMs);
  setFloor(draft, next?.id ?? null);
}

function setFloor(draft: Draft, floor: string | null): void {
  if (draft.live.floor === floor) return;
  draft.patchLive({ floor });
  const holder = rowOf(draft.live.sessions, floor ?? '');
  const { role = null, user = null } = holder ?? {};
  for (const one of all(draft.live, 'talk'))
    tell(draft, one, {
      ...({ kind: 'session.floor', session: one.id, yours: one.id === floor } as const),
      ...{ role, user },
    });
}
