// Drill and service mode. A window is live, so that no restart can leave one open; there is none beside a
// real case. Presses in it take the same path and are marked. A marked case becomes real by the guard's hand
// (held, or pressed thrice) or by a dispatcher, and nothing takes that back. Outside a window a button whose
// case is marked opens a real one: a dispatcher who is just resolving the drill then ends the drill alone.

import type { CommandArgs, Role, WindowAsked } from './command.ts';
import type { Draft } from './draft.ts';
import { drillBegins, drillCloses } from './drill.ts';
import type { Now } from './fact.ts';
import { openIncidents } from './incident.ts';
import { kindRules } from './kinds.ts';
import { byHand, type MadeRealBy, type Mark, openers, type WindowEnd } from './mark.ts';
import { type Outcome, Refused } from './refused.ts';
import {
  type Actor,
  type Incident,
  type InputLive,
  type Kind,
  type Live,
  rowOf,
  type Site,
  type State,
  type Window,
} from './state.ts';
import type { WindowTold } from './target.ts';

type Args<V extends CommandArgs['verb']> = Extract<CommandArgs, { verb: V }>;
type Instant = Pick<Now, 'monoMs'>;
/** Somebody at a desk, or at the terminal itself. */
type Who = Pick<Window, 'role' | 'user'>;

const endMs = ({ since, minutes }: Window): number => since.monoMs + minutes * 60_000;
export const endWallMs = ({ since, minutes }: Window): number => since.wallMs + minutes * 60_000;

/** The window that is open; one whose time is over is none, whoever notices first. */
export const windowNow = ({ window }: Live, { monoMs }: Instant): Window | null =>
  window && monoMs < endMs(window) ? window : null;

/** The window as the gate room sees and hears it. One that a silent case has ended goes on there until its
 * time would have been over: nobody notices that something has happened. */
export const windowShown = ({ window, veil }: Live, { monoMs }: Instant): Window | null =>
  [window, veil].find((one) => one && monoMs < endMs(one)) ?? null;

/** What is told of it. */
export function windowTold(live: Live, now: Instant): WindowTold | null {
  const window = windowNow(live, now);
  if (!window) return null;
  const { mark, siren, since, role, user } = window;
  const times = { sinceWallMs: since.wallMs, untilWallMs: endWallMs(window) };
  return { mark, siren, ...times, role, user };
}

/** Whether the verb is about a window that is none of this role's. */
export function isForeign({ live, now }: Draft, role: Role, args: CommandArgs): boolean {
  if (args.verb !== 'window.open' && args.verb !== 'window.close') return false;
  const mark = args.mark ?? windowNow(live, now)?.mark;
  return mark !== undefined && !openers[mark].includes(role);
}

// ---- the window ---------------------------------------------------------------------------------

export function openWindow(draft: Draft, asked: WindowAsked, by: Who): Outcome {
  windowDue(draft);
  const open = openIncidents(draft.durable);
  // Marked ones, too: the cases of a window are to be told from those of the one before.
  if (open.length > 0)
    return new Refused('incident-open', `${open.length} cases are open; resolve them first`);
  if (draft.live.window)
    return new Refused('busy', `a window is open (${draft.live.window.mark}); close it first`);
  const { mark, minutes, siren } = asked;
  const { role, user } = by;
  const window: Window = { mark, minutes, siren, role, user, since: draft.at };
  const untilWallMs = endWallMs(window);
  draft.patchLive({ window, veil: null });
  draft.put('site', { ...draft.site, window });
  drillBegins(draft, window);
  draft.tell('event', { kind: 'window.opened', mark, minutes, siren, untilWallMs, role, user });
  return { mark, untilWallMs };
}

export function closeWindow(
  draft: Draft,
  { mark }: Pick<Args<'window.close'>, 'mark'>,
  by: Who,
): Outcome {
  windowDue(draft);
  const { window } = draft.live;
  if (!window || (mark !== null && mark !== window.mark)) return { already: true };
  end(draft, 'asked', by);
  return { already: false };
}

/** Ends the window whose time is over. */
export function windowDue(draft: Draft): void {
  const { live, now } = draft;
  if (live.window && !windowNow(live, now)) end(draft, 'over');
}

/** A window does not outlive its process; the platform is told that it has ended. */
export const windowVoid = (draft: Draft): void => end(draft, 'restart');

/** Beside a real case nothing is marked. */
export function noWindow(draft: Draft, kind: Kind): void {
  const { window, veil } = draft.live;
  end(draft, 'real');
  draft.patchLive({ veil: kindRules[kind].silent ? (window ?? veil) : null });
}

function end(draft: Draft, reason: WindowEnd, by: Who | null = null): void {
  const window = draft.live.window ?? draft.site.window;
  if (!window) return;
  const { window: _, ...site }: Site = draft.site;
  draft.patchLive({ window: null });
  draft.put('site', site);
  drillCloses(draft, reason);
  const { role = null, user = null } = by ?? {};
  draft.tell('event', { kind: 'window.closed', mark: window.mark, reason, role, user });
}

export const windowDeadlines = ({ window, veil }: Live, { monoMs }: Instant): number[] => [
  ...(window ? [endMs(window)] : []),
  ...(veil && monoMs < endMs(veil) ? [endMs(veil)] : []),
];

// ---- the press ----------------------------------------------------------------------------------

/** The mark of a press that is told now; null: it is real. What may have been pressed before the window
 * opened is real. */
export function markOf({ live, now }: Draft, earliestMs: number | null | undefined): Mark | null {
  const window = windowNow(live, now);
  if (!window || earliestMs === null) return null;
  return earliestMs === undefined || earliestMs >= window.since.monoMs ? window.mark : null;
}

/** Takes a marked case whose button was pressed just now. */
export function judgeThrice(draft: Draft, id: string): void {
  const incident = rowOf(draft.durable.incidents, id);
  if (!incident) return;
  const { input, raised } = incident;
  const all = rowOf(draft.live.inputs, input)?.pressed ?? [];
  const pressed = all.filter(({ monoMs }) => monoMs >= raised.monoMs);
  const [first, last] = [pressed.at(-byHand.presses), pressed.at(-1)];
  if (!first || !last) return;
  // A loop that stood still stretches the one, a box that began anew the other.
  const ms = [last.monoMs - first.monoMs, last.edgeMs - first.edgeMs];
  if (ms.some((apart) => apart >= 0 && apart <= byHand.withinMs))
    makeReal(draft, incident, 'pressed-thrice');
}

/** Those that a hand on their button can make real: beside a real case of it there is no need. */
function markedOf({ durable }: Pick<State, 'durable'>): Incident[] {
  const open = openIncidents(durable);
  const real = new Set(open.filter(({ mark }) => !mark).map(({ input }) => input));
  return open.filter(({ mark, input }) => mark && !real.has(input));
}

/** Takes what was seen of an input before its contact changed: was it held until then? */
export function judgeHeld(draft: Draft, input: string, before: InputLive, edgeMs: number): void {
  if (before.contact !== 'pressed') return;
  const heldMs = [edgeMs - before.edgeMs, draft.now.monoMs - before.sinceMonoMs];
  if (!heldMs.some((ms) => Number.isFinite(ms) && ms >= byHand.heldMs)) return;
  for (const incident of markedOf(draft))
    if (incident.input === input) makeReal(draft, incident, 'held');
}

/** Marked cases whose button is still held. */
export function heldDue(draft: Draft): void {
  for (const [ms, incident] of held(draft))
    if (draft.now.monoMs >= ms) makeReal(draft, incident, 'held');
}

/** With the monotonic time at which it becomes real. */
const held = ({ durable, live }: State): [number, Incident][] =>
  markedOf({ durable }).flatMap((incident) => {
    const input = rowOf(live.inputs, incident.input);
    return input?.contact === 'pressed' ? [[input.sinceMonoMs + byHand.heldMs, incident]] : [];
  });

export const heldDeadlines = (state: State): number[] => held(state).map(([ms]) => ms);

// ---- made real ----------------------------------------------------------------------------------

/** `make-real`. */
export function makeRealBy(draft: Draft, { incident: id }: Args<'make-real'>, by: Actor): Outcome {
  const incident = rowOf(draft.durable.incidents, id);
  if (!incident) return new Refused('unknown-incident', `${id} is neither open nor remembered`);
  if (incident.resolved) return new Refused('already-resolved', `${id} is resolved`);
  if (!incident.mark) return { already: true };
  makeReal(draft, incident, 'asked', by);
  return { already: false };
}

/** An alarm like all others from here on: told anew, and what was known of its delivery was the drill's. */
function makeReal(
  draft: Draft,
  { mark: was, ...incident }: Incident,
  reason: MadeRealBy,
  by: Actor | null = null,
): void {
  if (!was) return;
  const { id, input, kind: alarm, presses, taken } = incident;
  const inputName = rowOf(draft.live.setup.inputs, input)?.name ?? input;
  const { role = null, user = null } = by ?? {};
  const message = draft.tell('alarm', {
    ...({ kind: 'incident.made-real', incident: id, input, inputName, alarm, presses } as const),
    ...{ mark: null, was, reason, role, user },
  });
  const isTakers = by && taken && taken.role === by.role && taken.user === by.user;
  draft.put('incidents', {
    ...incident,
    ...{ sent: null, received: null, undelivered: null, falseAlarm: null },
    ...{ seen: by, taken: isTakers ? taken : null },
    made: { at: draft.at, was, reason, message },
  });
  const { site } = draft;
  const lights = kindRules[alarm].strobe || kindRules[alarm].siren;
  if (lights) draft.put('site', { ...site, strobe: 'auto', siren: 'auto' });
  noWindow(draft, alarm);
}

/** What its alarm is known by: when it became one, and the message that told it. */
export const aliveSince = ({ made, raised }: Incident) => made?.at ?? raised;
export const toldBy = ({ id, made, unreadable }: Incident): string =>
  unreadable?.message ?? made?.message ?? id;
