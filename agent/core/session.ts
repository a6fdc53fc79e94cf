// Calls and viewers: who may, how many, how long; whose voice is heard is in core/floor.ts. A session lives
// as long as the process and no longer; what is kept of it is that it was (`session.opened`,
// `session.ended`). The media processes make the peer connections, and their facts come back here.

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
import { floorMsOf, settleFloor, tellFloor } from './floor.ts';
import { openIncidents } from './incident.ts';
import { refused } from './refused.ts';
import {
  nameOf,
  ownSession,
  putSession,
  sessionsOf,
  tellSession,
  unknownSession,
} from './session-table.ts';
import { type Incident, type Live, type Moment, rowOf } from './state.ts';

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
  /** When it was offered. */
  readonly since: Moment;
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
  readonly connectedMs: number | null;
  /** How long it has had the floor until it lost it last. */
  readonly floorMs: number;
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

export const sessionEndReasons = [
  'bye',
  'resolved',
  'too-long',
  'replaced',
  'displaced',
  'refused',
] as const;
export type SessionEndReason = (typeof sessionEndReasons)[number];

export interface SessionEnd {
  readonly session: string;
  readonly reason: SessionEndReason | 'lost';
  readonly detail: string;
  /** How long it was connected, and how long of that heard in the gate room, milliseconds. */
  readonly lastedMs: number;
  readonly floorMs: number;
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
  const full = makeRoom(draft, command, asked);
  if (full) return full;
  const announced = asked.kind === 'talk' && asked.mode === 'talk' && incident === null;
  const session: Session = {
    ...asked,
    ...{ id: asked.session, incident, role, user, replyTo, announced },
    ...{ candidates: [], answer: null, since: draft.at, sinceMs: draft.now.monoMs },
    ...{ connectedMs: null, floorMs: 0 },
  };
  putSession(draft, session);
  draft.record.push({ kind: 'session.opened', ...startOf(session) });
  return { session: session.id, incident, announced };
}

const startOf = ({
  id: session,
  kind: media,
  mode,
  role,
  user,
  incident,
}: Session): SessionStart => ({
  ...{ session, media, mode, role, user, incident },
});

function offerAgain(draft: Draft, known: Session, by: Command, asked: SessionOffer) {
  if (known.role !== by.role || known.user !== by.user || known.sdp !== asked.sdp)
    return refused('busy', `session ${known.id} is another one; make a new id`);
  if (known.answer !== null)
    tellSession(draft, known, { kind: 'session.answer', session: known.id, sdp: known.answer });
  return { session: known.id, incident: known.incident, announced: known.announced };
}

/** A client that offers anew is not kept out by what is left of its session before, and a higher role not
 * by those who only watch. */
function makeRoom(draft: Draft, command: Command, { kind, replaces }: SessionOffer) {
  const { viewersMax, talkersMax } = draft.live.setup.media;
  const max = kind === 'live' ? viewersMax : talkersMax;
  const before = ownSession(draft, command, replaces ?? '');
  if (before?.kind === kind) close(draft, before, 'replaced', 'taken over by a new session');
  const on = sessionsOf(draft.live, kind);
  if (on.length < max) return null;
  const [least] = [...on].sort((a, b) => ranks[b.role] - ranks[a.role] || b.sinceMs - a.sinceMs);
  if (kind === 'live' && least && ranks[command.role] < ranks[least.role]) {
    close(draft, least, 'displaced', `${nameOf(command)} needs the place`);
    return null;
  }
  const who = [...new Set(on.map(nameOf))].join(', ');
  return refused('busy', `all ${max} places are taken, by ${who}; ask one of them to end`);
}

/** `session.candidate`. */
export function addCandidates(draft: Draft, by: Command, args: Args<'session.candidate'>) {
  const session = ownSession(draft, by, args.session);
  if (!session) return unknownSession(args.session);
  const candidates = [...session.candidates, ...args.candidates];
  if (candidates.length > sessionLimits.candidates)
    return refused('too-many', `${sessionLimits.candidates} candidates a session`);
  putSession(draft, { ...session, candidates });
  return {};
}

/** `session.stream`: another picture on the same connection. */
export function changeStream(
  draft: Draft,
  by: Command,
  { session: id, stream }: Args<'session.stream'>,
) {
  const session = ownSession(draft, by, id);
  if (!session) return unknownSession(id);
  if (session.kind !== 'live') return refused('not-allowed', 'this session has no picture');
  putSession(draft, { ...session, stream });
  return { session: id, stream };
}

/** `session.bye`. One that is not there has ended already: that is what was asked for. */
export function bye(draft: Draft, by: Command, args: Args<'session.bye'>): Result {
  const session = ownSession(draft, by, args.session);
  if (session) close(draft, session, 'bye', 'ended by the caller');
  return { already: !session };
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
      putSession(draft, { ...session, answer: fact.sdp });
      return tellSession(draft, session, { kind: 'session.answer', session: id, sdp: fact.sdp });
    case 'session.gathered':
      return tellSession(draft, session, {
        ...({ kind: 'session.candidate', session: id } as const),
        candidates: fact.candidates,
      });
    case 'session.connected':
      if (session.connectedMs !== null) return;
      putSession(draft, { ...session, connectedMs: draft.now.monoMs });
      tellSession(draft, session, { kind: 'session.connected', session: id });
      settleFloor(draft);
      tellFloor(draft, session);
      return markTalking(draft);
    case 'session.heard':
      return tellSession(draft, session, { kind: 'session.heard', session: id, from: fact.from });
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

/** The call of a case ends with it; whoever sees goes on seeing. Of a drill or a test it goes on for what is
 * real by then: nobody hangs up on a gate room that has pressed in earnest. */
export function endCalls(draft: Draft, { id, mark }: Incident): void {
  const next = mark ? incidentFor(draft, null) : null;
  const isReal = next && !rowOf(draft.durable.incidents, next)?.mark;
  for (const session of sessionsOf(draft.live, 'talk')) {
    if (session.incident !== id) continue;
    if (isReal && !whyNoTalk(draft, session.role, session, next)) pass(draft, session, next);
    else close(draft, session, 'resolved', 'the case is resolved');
  }
  markTalking(draft);
}

function pass(draft: Draft, session: Session, incident: string): void {
  putSession(draft, { ...session, incident });
  draft.record.push({ kind: 'session.passed', ...startOf(session), incident });
}

/** No call survives a restart. */
export function markTalking(draft: Draft): void {
  const calls = sessionsOf(draft.live, 'talk').filter(
    ({ connectedMs, mode }) => connectedMs !== null && mode === 'talk',
  );
  for (const incident of openIncidents(draft.durable)) {
    const talking = calls.some((call) => call.incident === incident.id);
    if (incident.talking === talking) continue;
    const talked = incident.talked ?? (talking ? draft.at : null);
    draft.put('incidents', { ...incident, talking, ...(talked && { talked }) });
  }
}

function close(draft: Draft, session: Session, reason: SessionEnd['reason'], detail: string): void {
  const { id, connectedMs } = session;
  const { monoMs } = draft.now;
  const floorMs = floorMsOf(draft.live, session, monoMs);
  const { [id]: _, ...sessions } = draft.live.sessions;
  draft.patchLive({ sessions });
  const lastedMs = connectedMs === null ? 0 : monoMs - connectedMs;
  draft.record.push({ kind: 'session.ended', session: id, reason, detail, lastedMs, floorMs });
  if (reason === 'lost') tellSession(draft, session, { kind: 'session.lost', session: id, detail });
  else tellSession(draft, session, { kind: 'session.ended', session: id, reason, detail });
  settleFloor(draft);
  markTalking(draft);
}
