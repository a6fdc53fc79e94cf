// A drill is a window and what was pressed in it. It is over when the window is closed and no case of it is
// open as a drill any more; then it is scored against the city's targets, each hop and what people did, and
// told once. It survives a restart, which ends its window: what was pressed is scored all the same.

import type { Draft } from './draft.ts';
import { elapsedMs } from './draft.ts';
import type { MadeRealBy, WindowEnd } from './mark.ts';
import { type Actor, type Incident, type Kind, type Moment, rowOf, type Window } from './state.ts';

export const drillSteps = ['sent', 'received', 'seen', 'taken', 'talked', 'resolved'] as const;
export type DrillStep = (typeof drillSteps)[number];

/** After the press, milliseconds; null: not judged. */
export type DrillTargets = { readonly [S in DrillStep]: number | null };

/** Received: DB15/T 3968-2025, GA/T 368. What people need is the city's to say; these are to be met with ease
 * by a desk that is awake. */
export const defaultTargets: DrillTargets = {
  ...{ sent: 1_000, received: 2_000 },
  ...{ seen: 10_000, taken: 15_000, talked: 30_000, resolved: null },
};

/** Buttons that a terminal has, and more. */
const casesMax = 64;

/** One that is going on, or whose cases are not yet resolved. */
export interface DrillRun extends Window {
  readonly id: string;
  readonly cases: readonly string[];
  /** Its window is; null: open. */
  readonly closed: { readonly at: Moment; readonly reason: WindowEnd } | null;
}

export interface DrillHop {
  readonly step: DrillStep;
  /** After the press; null: it never came to that, or nobody knows when (another boot, no good clock). */
  readonly ms: number | null;
  readonly targetMs: number | null;
  /** Null: not judged. */
  readonly isWithin: boolean | null;
  readonly role: string | null;
  readonly user: string | null;
}

export interface DrillCase {
  readonly incident: string;
  readonly input: string;
  readonly inputName: string;
  readonly alarm: Kind;
  readonly presses: number;
  readonly raisedWallMs: number;
  readonly undelivered: boolean;
  /** It became real, and is not scored. */
  readonly madeReal: MadeRealBy | null;
  readonly hops: readonly DrillHop[];
}

export interface DrillScore {
  readonly drill: string;
  readonly sinceWallMs: number;
  readonly closedWallMs: number;
  readonly end: WindowEnd;
  readonly siren: boolean;
  /** Who opened it. */
  readonly role: string;
  readonly user: string;
  readonly cases: readonly DrillCase[];
  /** Hops that have a target, and those of them that met it. */
  readonly judged: number;
  readonly within: number;
  /** Null: there was nothing to judge. */
  readonly passed: boolean | null;
}

/** Takes the window that has just been opened. */
export function drillBegins(draft: Draft, window: Window): void {
  if (window.mark !== 'drill') return;
  const drill: DrillRun = { ...window, id: draft.now.id, cases: [], closed: null };
  draft.put('site', { ...draft.site, drill });
}

/** Takes a case that was raised as a drill. */
export function drillPressed(draft: Draft, id: string): void {
  const { drill } = draft.site;
  if (!drill || drill.closed || drill.cases.length >= casesMax) return;
  draft.put('site', { ...draft.site, drill: { ...drill, cases: [...drill.cases, id] } });
}

/** Its window has been closed. */
export function drillCloses(draft: Draft, reason: WindowEnd): void {
  const { drill } = draft.site;
  if (!drill || drill.closed) return;
  draft.put('site', { ...draft.site, drill: { ...drill, closed: { at: draft.at, reason } } });
}

/** Tells the score once nothing of it is open. After every fact; nearly always there is none. */
export function settleDrill(draft: Draft): void {
  const { drill, ...site } = draft.site;
  if (!drill?.closed) return;
  const cases = drill.cases.flatMap((id) => rowOf(draft.durable.incidents, id) ?? []);
  if (cases.some(({ mark, resolved }) => mark && !resolved)) return;
  draft.put('site', site);
  const score = scoreOf(drill, drill.closed, cases, draft);
  draft.record.push({ kind: 'drill.scored', ...score });
  draft.tell('event', { kind: 'drill.report', mark: 'drill', ...score });
}

function scoreOf(
  drill: DrillRun,
  closed: NonNullable<DrillRun['closed']>,
  incidents: readonly Incident[],
  { live }: Draft,
): DrillScore {
  const targets = live.setup.drillTargets ?? defaultTargets;
  const cases = incidents.map((one): DrillCase => {
    const { id, input, kind: alarm, presses, raised, undelivered, made } = one;
    const madeReal = made?.reason ?? null;
    return {
      ...{ incident: id, input, alarm, presses, raisedWallMs: raised.wallMs, madeReal },
      inputName: rowOf(live.setup.inputs, input)?.name ?? input,
      undelivered: undelivered !== null,
      // What was known of its delivery went when it became real.
      hops: madeReal ? [] : drillSteps.map((step) => hopOf(one, step, targets[step])),
    };
  });
  const judged = cases.flatMap(({ hops }) => hops).filter(({ isWithin }) => isWithin !== null);
  const within = judged.filter(({ isWithin }) => isWithin);
  return {
    ...{ drill: drill.id, sinceWallMs: drill.since.wallMs, closedWallMs: closed.at.wallMs },
    ...{ end: closed.reason, siren: drill.siren, role: drill.role, user: drill.user, cases },
    ...{ judged: judged.length, within: within.length },
    passed: judged.length === 0 ? null : within.length === judged.length,
  };
}

function hopOf(incident: Incident, step: DrillStep, targetMs: number | null): DrillHop {
  const { at, by } = momentOf(incident, step);
  const ms = at && apartMs(incident.raised, at);
  // A target that was never reached is missed, whatever the clocks say.
  const isWithin =
    targetMs === null ? null : at === null ? false : ms === null ? null : ms <= targetMs;
  return { step, ms, targetMs, isWithin, role: by?.role ?? null, user: by?.user ?? null };
}

interface Reached {
  readonly at: Moment | null;
  readonly by: Actor | null;
}

function momentOf({ sent, received, talked, ...people }: Incident, step: DrillStep): Reached {
  switch (step) {
    case 'sent':
      return { at: sent, by: null };
    case 'received':
      return { at: received, by: null };
    case 'talked':
      return { at: talked ?? null, by: null };
    case 'seen':
    case 'taken':
    case 'resolved': {
      const by = people[step];
      return { at: by?.at ?? null, by };
    }
  }
}

/** By the monotonic clock of one boot, else by a wall clock that is kept. */
function apartMs(since: Moment, at: Moment): number | null {
  const ms = elapsedMs(since, at);
  if (ms !== null) return Math.round(ms);
  return since.clock === 'good' && at.clock === 'good' ? at.wallMs - since.wallMs : null;
}
