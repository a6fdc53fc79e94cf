// The daily patrol: when it is due, whether it may begin now, what becomes of what it found. The deadline
// outlives the process: within a boot the monotonic clock holds, whatever the wall clock does, and a good
// wall clock that has passed it, too; after a reboot what was missed is made up for, once. It gives way to
// an alarm, a window and a talk, and is due until it has been done.

import type { Draft } from './draft.ts';
import type { Now } from './fact.ts';
import { clearFault, raiseFault } from './fault.ts';
import { openIncidents } from './incident.ts';
import type { Live, Moment, State } from './state.ts';
import { windowNow } from './windows.ts';

/** Of the configuration. */
export interface PatrolRules {
  /** Of the day, local time. */
  readonly minute: number;
  /** It begins within so long after it, each day and terminal at another time: a town does not knock at
   * the platform in one second. */
  readonly jitterMs: number;
  /** Of local time, east positive. */
  readonly utcOffsetMs: number;
}

/** A part as it was found. */
export interface PatrolPart {
  readonly part: string;
  readonly ok: boolean;
  /** One sentence: what was found, or what is wrong and what to do. */
  readonly detail: string;
  /** A fault that tells it already. */
  readonly told?: string;
}

export interface PatrolRow {
  readonly due: Omit<Moment, 'clock'>;
  /** Null before the first. */
  readonly last: { readonly at: Moment; readonly parts: readonly PatrolPart[] } | null;
}

export interface PatrolLive {
  readonly running: { readonly id: string; readonly sinceMs: number } | null;
  /** Not before: monotonic milliseconds. */
  readonly fromMs: number;
}

export const noPatrol: PatrolLive = { running: null, fromMs: 0 };

export const patrolLimits = {
  /** After a start: links come up, boxes say their first word. */
  settleMs: 120_000,
  withinMs: 120_000,
  /** Between two, so that a clock set back does not bring a second one the same night. */
  apartMs: 43_200_000,
  /** From one to the next: no clock puts it off for longer. */
  farthestMs: 136_800_000,
  partsMax: 32,
  detailChars: 300,
} as const;

const dayMs = 86_400_000;
const minuteMs = 60_000;
type Instant = Omit<Now, 'id'>;

/** A number in [0, 1) that is always the same for a terminal and a day. */
function chanceOf(terminal: string, day: number): number {
  // FNV-1a.
  let hash = 0x811c9dc5;
  for (const char of `${terminal}/${day}`)
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}

/** The first time of the day that is `afterMs` away at least. */
function nextDue({ setup }: Live, rules: PatrolRules, now: Instant, afterMs: number) {
  const { minute, jitterMs, utcOffsetMs } = rules;
  const earliest = now.wallMs + afterMs;
  const on = (day: number) =>
    day * dayMs + minute * minuteMs - utcOffsetMs + chanceOf(setup.terminal, day) * jitterMs;
  let day = Math.floor((earliest + utcOffsetMs) / dayMs) - 1;
  while (on(day) < earliest) day += 1;
  const wallMs = Math.round(on(day));
  return { bootId: now.bootId, wallMs, monoMs: now.monoMs + wallMs - now.wallMs };
}

/** Monotonic time at which it is due. A wall clock that nobody has set says nothing. */
function dueMs({ due }: PatrolRow, { patrol }: Live, now: Instant): number {
  const byWall = now.clock === 'good' ? now.monoMs + due.wallMs - now.wallMs : Infinity;
  return Math.max(patrol.fromMs, Math.min(due.monoMs, byWall));
}

/** Whoever is in need, at work or talking is not to be disturbed, nor to disturb what is found. */
const isBusy = ({ durable, live }: State, now: Pick<Now, 'monoMs'>): boolean =>
  openIncidents(durable).length > 0 ||
  windowNow(live, now) !== null ||
  Object.values(live.sessions).some(({ kind }) => kind === 'talk');

/** At the start of a process: the deadline as this boot has it, and what was found last. */
export function patrolStarts(draft: Draft): void {
  const { live, now, site } = draft;
  const rules = live.setup.patrol;
  const before = site.patrol;
  if (!rules) return;
  if (!before) {
    const due = nextDue(live, rules, now, patrolLimits.settleMs);
    return draft.put('site', { ...site, patrol: { due, last: null } });
  }
  draft.patchLive({ patrol: { running: null, fromMs: now.monoMs + patrolLimits.settleMs } });
  for (const part of before.last?.parts ?? []) tell(draft, part);
  const { due } = before;
  if (due.bootId === now.bootId) return;
  // How long the machine was off says a clock that may be wrong.
  const leftMs = Math.min(patrolLimits.farthestMs, Math.max(0, due.wallMs - now.wallMs));
  const here = { bootId: now.bootId, wallMs: due.wallMs, monoMs: now.monoMs + leftMs };
  draft.put('site', { ...draft.site, patrol: { ...before, due: here } });
}

/** Begins the one that is due, ends the one that takes too long. */
export function patrolDue(draft: Draft): void {
  const { live, now, site } = draft;
  const { running } = live.patrol;
  if (running && now.monoMs >= running.sinceMs + patrolLimits.withinMs) {
    const detail = `it was not over after ${patrolLimits.withinMs / 1000} s. Look at the log`;
    return patrolEnded(draft, { id: running.id, parts: [{ part: 'patrol', ok: false, detail }] });
  }
  if (running || !site.patrol || !live.setup.patrol) return;
  if (now.monoMs >= dueMs(site.patrol, live, now)) begin(draft);
}

/** Takes a `patrol.asked` fact: somebody at the terminal wants it now. */
export function patrolAsked(draft: Draft): void {
  if (!draft.live.patrol.running) begin(draft);
}

function begin(draft: Draft): void {
  const { now, state } = draft;
  if (!isBusy(state, now)) run(draft, { id: now.id, sinceMs: now.monoMs });
}

const run = (draft: Draft, running: PatrolLive['running']): void =>
  draft.patchLive({ patrol: { ...draft.live.patrol, running } });

/** What it finds while an alarm is on is of no use to anybody: it begins anew when that is over. */
export function patrolGivesWay(draft: Draft): void {
  if (draft.live.patrol.running && isBusy(draft.state, draft.now)) run(draft, null);
}

/** Takes a `patrol.ended` fact. */
export function patrolEnded(
  draft: Draft,
  { id, parts: found }: { readonly id: string; readonly parts: readonly PatrolPart[] },
): void {
  const { live, at, now } = draft;
  const rules = live.setup.patrol;
  if (live.patrol.running?.id !== id) return;
  run(draft, null);
  const parts = found.slice(0, patrolLimits.partsMax).map((one) => ({
    ...{ ...one, detail: one.detail.slice(0, patrolLimits.detailChars) },
  }));
  for (const part of parts) tell(draft, part);
  const result = parts.every(({ ok }) => ok) ? 'passed' : 'failed';
  const due = rules && nextDue(live, rules, now, patrolLimits.apartMs);
  if (due) draft.put('site', { ...draft.site, patrol: { due, last: { at, parts } } });
  draft.tell('event', { kind: 'patrol.ended', result, parts });
}

/** What another fault tells already is told once. */
function tell(draft: Draft, { part, ok, detail, told }: PatrolPart): void {
  if (ok || told !== undefined) clearFault(draft, `patrol.${part}`);
  else raiseFault(draft, `patrol.${part}`, detail);
}

export function patrolDeadlines(state: State, now: Instant): number[] {
  const { live, durable } = state;
  const { patrol } = durable.site.site ?? {};
  const { running } = live.patrol;
  if (running) return [running.sinceMs + patrolLimits.withinMs];
  return patrol && live.setup.patrol && !isBusy(state, now) ? [dueMs(patrol, live, now)] : [];
}
