// The stick of the dome: one person at a time turns it. A lease lives as long as the process and no
// longer; one record says at its end who had it, for how long and what was done with it. Moves are live
// wants: nothing of them is kept, and each ends by itself. Left alone, the dome goes back to its preset.

import {
  type Command,
  type CommandArgs,
  isMoveVerb,
  isTurn,
  type Role,
  ranks,
  type StickAct,
} from './command.ts';
import type { Draft } from './draft.ts';
import type { FactOf } from './fact.ts';
import { inHand, openIncidents, restingPreset } from './incident.ts';
import { jobEnded, startJob } from './job.ts';
import { type Outcome, refused } from './refused.ts';
import type { Durable, Live, Moment } from './state.ts';
import type { Motion } from './target.ts';

export const stickTimes = {
  /** A move ends this long after it at the latest, unless the next has come; or sooner, as it says. */
  moveMs: 500,
  leastMoveMs: 100,
  /** A lease ends this long after its last operation or renewal, and an equal may take it that long after
   * the last operation alone. */
  idleMs: 30_000,
  /** From the last operation to the way back (DB31/T 329). */
  returnMs: 120_000,
} as const;
/** Moves a second; so many may come at once. */
export const movesASecond = 30;
const presetsKept = 50;
const actsKept = 32;

export interface Lease {
  readonly id: string;
  readonly role: Role;
  readonly user: string;
  readonly replyTo: string;
  /** Id of the command that took it: the same again gets the same lease. */
  readonly takenBy: string;
  readonly before: Holder | null;
  readonly since: Moment;
  /** Last operation and last renewal, monotonic milliseconds. */
  readonly usedMs: number;
  readonly keptMs: number;
  /** Of the last move. */
  readonly n: number;
  /** A move has come too late for the one before it: on this line each lasts as long as it may. */
  readonly isSlow: boolean;
  /** Turns of the stick, from one rest to the next, and moves to a place. */
  readonly moves: number;
  readonly presets: readonly string[];
  /** What was done by command, null: not answered yet. */
  readonly done: readonly { readonly id: string; readonly outcome: Outcome | null }[];
}

export interface Holder {
  readonly role: Role;
  readonly user: string;
}

export interface Stick {
  readonly lease: Lease | null;
  readonly motion: Motion | null;
  /** When it was last turned by hand, monotonic milliseconds; null: it looks where it looks by itself. */
  readonly turnedMs: number | null;
  /** How many moves may come at `sinceMs`; they grow with time. */
  readonly allowance: { readonly moves: number; readonly sinceMs: number };
}

export const freeStick: Stick = {
  lease: null,
  motion: null,
  turnedMs: null,
  allowance: { moves: movesASecond, sinceMs: 0 },
};

export const stickLosses = ['taken', 'alarm', 'incident-open', 'stopping'] as const;
/** `taken`: by whom is told beside it. `alarm`: the dome turned to an alarm. */
export type StickLoss = (typeof stickLosses)[number];

/** As it is kept in the hash chain. */
export interface LeaseEnd extends Holder {
  readonly lease: string;
  readonly reason: StickLoss | 'released' | 'expired';
  /** Who took it. */
  readonly by: Holder | null;
  readonly since: Moment;
  readonly moves: number;
  readonly presets: readonly string[];
}

type Args<V extends CommandArgs['verb']> = Extract<CommandArgs, { verb: V }>;

export const holderOf = ({ lease }: Stick): Holder | null =>
  lease && { role: lease.role, user: lease.user };

const isSame = (a: Holder, b: Holder): boolean => a.role === b.role && a.user === b.user;

/** `stick.take`. With the lease that one has already it lasts longer; without, it is a new one. */
export function take(draft: Draft, command: Command, args: Args<'stick.take'>): Outcome {
  stickDue(draft);
  const { role, user } = command;
  if (role === 'installer' && inHand(draft.durable).length > 0)
    return refused('incident-open', 'while a case is open the dome is the dispatchers’');
  const { lease } = draft.live.stick;
  if (lease && isSame(lease, command)) {
    if (lease.takenBy === command.id || lease.id === args.lease) return renew(draft, lease);
  } else if (lease && !mayTake(draft, role, lease))
    return refused('busy', `${lease.role}/${lease.user} has the stick`);
  if (lease) end(draft, 'taken', { role, user });
  const { id, monoMs } = draft.now;
  const before = lease && { role: lease.role, user: lease.user };
  return granted(draft, {
    ...{ id, role, user, replyTo: command.replyTo, takenBy: command.id, before },
    ...{ since: draft.at, usedMs: monoMs, keptMs: monoMs },
    ...{ n: 0, isSlow: false, moves: 0, presets: [], done: [] },
  });
}

/** A higher role at once; an equal one only from somebody who does nothing with it. */
function mayTake({ now }: Draft, role: Role, lease: Lease): boolean {
  const isIdle = now.monoMs >= lease.usedMs + stickTimes.idleMs;
  return ranks[role] < ranks[lease.role] || (isIdle && ranks[role] === ranks[lease.role]);
}

const renew = (draft: Draft, lease: Lease): Outcome =>
  granted(draft, { ...lease, keptMs: draft.now.monoMs });

function granted(draft: Draft, lease: Lease): Outcome {
  draft.patchLive({ stick: { ...draft.live.stick, lease } });
  const { idleMs } = stickTimes;
  const untilWallMs = draft.now.wallMs + idleMs;
  return { lease: lease.id, idleMs, untilWallMs, before: lease.before };
}

/** `stick.release`. One that is not there has ended already: that is what was asked for. */
export function release(draft: Draft, command: Command, args: Args<'stick.release'>): Outcome {
  const lease = ownLease(draft, command, args.lease);
  if (lease) end(draft, 'released');
  return { already: !lease };
}

/** `stick.do`: a job, one at a time. */
export function act(
  draft: Draft,
  command: Command,
  { lease: id, act: asked }: Args<'stick.do'>,
): Outcome | 'later' {
  stickDue(draft);
  const lease = ownLease(draft, command, id);
  if (!lease) return refused('no-lease', 'take the stick first; it may have been taken or expired');
  const before = lease.done.find((one) => one.id === command.id);
  if (before) return before.outcome ?? 'later';
  if (Object.keys(draft.live.jobs).length > 0)
    return refused('busy', 'the dome is at something else; ask again when it has answered');
  const { stick } = draft.live;
  const usedMs = draft.now.monoMs;
  const turns = isTurn(asked);
  // Whoever only wipes the lens has not turned the dome; once it is turned all operations count.
  const turnedMs = turns || stick.turnedMs !== null ? usedMs : null;
  const done = [...lease.done, { id: command.id, outcome: null }].slice(-actsKept);
  const used = { ...lease, ...counted(lease, asked), usedMs, done };
  const motion = turns ? null : stick.motion;
  draft.patchLive({ stick: { ...stick, lease: used, turnedMs, motion } });
  return startJob(draft, command, { what: 'stick.do', act: asked });
}

function counted({ moves, presets }: Lease, asked: StickAct): Pick<Lease, 'moves' | 'presets'> {
  if (!isTurn(asked)) return { moves, presets };
  const to = asked.op === 'preset' ? asked.preset : asked.op === 'home' ? 'home' : null;
  if (to === null) return { moves: moves + 1, presets };
  return { moves, presets: presets.length < presetsKept ? [...presets, to] : presets };
}

/** Takes a `stick.moved` fact: the newest of the holder's own, and nothing else, moves the dome. */
export function moved(draft: Draft, fact: FactOf<'stick.moved'>): void {
  stickDue(draft);
  const held = draft.live.stick.lease;
  const lease = held && ownLease(draft, fact, fact.lease ?? held.id);
  if (!lease || fact.retained || (fact.n !== null && fact.n <= lease.n)) return;
  if (!draft.live.setup.rights[fact.role].some(isMoveVerb)) return;
  const { monoMs } = draft.now;
  const { pan, tilt, zoom, n } = fact;
  const isLetGo = pan === 0 && tilt === 0 && zoom === 0;
  if (!isLetGo && (fact.lease === null || fact.n === null)) return;
  const { stick } = draft.live;
  const { moves, sinceMs } = stick.allowance;
  const grown = Math.min(movesASecond, moves + ((monoMs - sinceMs) * movesASecond) / 1000);
  // Letting go is never one too many.
  if (!isLetGo && grown < 1) return;
  const wasMoving = motionOf(stick, monoMs) !== null;
  const begun = isLetGo || wasMoving ? 0 : 1;
  // One that has run out is still there; one that was let go is not.
  const isSlow = lease.isSlow || (!isLetGo && !wasMoving && stick.motion !== null);
  const untilMs = monoMs + (isSlow ? stickTimes.moveMs : fact.forMs);
  draft.patchLive({
    stick: {
      lease: { ...lease, n: n ?? lease.n, isSlow, usedMs: monoMs, moves: lease.moves + begun },
      motion: isLetGo ? null : { pan, tilt, zoom, untilMs },
      turnedMs: isLetGo && stick.turnedMs === null ? null : monoMs,
      allowance: { moves: isLetGo ? grown : grown - 1, sinceMs: monoMs },
    },
  });
}

function ownLease({ live }: Draft, by: Holder, id: string): Lease | null {
  const { lease } = live.stick;
  return lease && lease.id === id && isSame(lease, by) ? lease : null;
}

/** The move that is wanted now. */
export const motionOf = ({ motion }: Stick, monoMs: number): Motion | null =>
  motion && monoMs < motion.untilMs ? motion : null;

const letGo = (draft: Draft): void =>
  draft.patchLive({ stick: { ...draft.live.stick, motion: null } });

/** Nobody's hand reaches the stick. The lease stays: the line may be back in a moment. */
export const linkLost = letGo;

/** Ends a lease that is over, and sends the dome back where it looks by itself. */
export function stickDue(draft: Draft): void {
  const { monoMs } = draft.now;
  const { lease } = draft.live.stick;
  if (lease && monoMs >= leaseEndsMs(lease)) end(draft, 'expired');
  const returnMs = returnsMs(draft.durable, draft.live);
  if (returnMs !== null && monoMs >= returnMs) turnBack(draft);
}

const leaseEndsMs = ({ usedMs, keptMs }: Lease): number =>
  Math.max(usedMs, keptMs) + stickTimes.idleMs;

/** Null: it was not turned, or whoever has taken the open case has the stick. */
function returnsMs(durable: Durable, { stick }: Live): number | null {
  const { lease, turnedMs } = stick;
  if (turnedMs === null) return null;
  const isHeld = openIncidents(durable).some(({ taken }) => taken && lease && isSame(taken, lease));
  return isHeld ? null : turnedMs + stickTimes.returnMs;
}

const turnBack = (draft: Draft): void =>
  draft.patchLive({ stick: { ...draft.live.stick, motion: null, turnedMs: null } });

export function stickDeadlines(durable: Durable, live: Live): number[] {
  const { lease } = live.stick;
  const returnMs = returnsMs(durable, live);
  return [...(lease ? [leaseEndsMs(lease)] : []), ...(returnMs === null ? [] : [returnMs])];
}

/** The first case that turns the dome takes it from whoever has it: the gate is to be seen. Later ones
 * leave it to the dispatcher who looks around by then. */
export function casesChanged(draft: Draft, before: Durable): void {
  const open = openIncidents(draft.durable);
  if (restingPreset(open) === 'alarm' && restingPreset(openIncidents(before)) === 'guard') {
    end(draft, 'alarm');
    turnBack(draft);
  }
  if (draft.live.stick.lease?.role === 'installer' && inHand(draft.durable).length > 0)
    end(draft, 'incident-open');
}

export const stickEnds = (draft: Draft): void => end(draft, 'stopping');

function end(draft: Draft, reason: LeaseEnd['reason'], by: Holder | null = null): void {
  const { stick, jobs } = draft.live;
  const { lease } = stick;
  if (!lease) return;
  for (const job of Object.values(jobs))
    if (job.what === 'stick.do')
      jobEnded(draft, job.id, refused('no-lease', `${reason} meanwhile`));
  draft.patchLive({ stick: { ...stick, lease: null, motion: null } });
  const { id, role, user, since, moves, presets, replyTo: topic } = lease;
  draft.record.push({
    ...({ kind: 'stick.ended', lease: id, role, user, reason, by } as const),
    ...{ since, moves, presets },
  });
  if (reason === 'released') return;
  if (reason === 'expired')
    return void draft.notices.push({ topic, notice: { kind: 'stick.expired', lease: id } });
  const whose = { role: by?.role ?? null, user: by?.user ?? null };
  draft.notices.push({ topic, notice: { kind: 'stick.lost', lease: id, reason, ...whose } });
}
