// The case: opened by a press, one open at a time for each button (beside a real one a marked one may still
// be open), several at once. It latches: only resolve() ends it. Repeated presses are told one by one, then
// folded (rule 9).

import type { Draft } from './draft.ts';
import { elapsedMs } from './draft.ts';
import { drillPressed } from './drill.ts';
import { clipOf } from './evidence.ts';
import { kindRules, rulesOf } from './kinds.ts';
import type { Mark } from './mark.ts';
import type { PressEdge } from './message.ts';
import {
  type Actor,
  type Durable,
  type Incident,
  type Input,
  type Kind,
  type Live,
  rowOf,
  type State,
} from './state.ts';
import { judgeThrice, markOf, noWindow } from './windows.ts';

/** Repeated presses of a button told one by one within `windowMs`; further ones fold into a count. */
export const repeatsToldMax = 20;
export const windowMs = 60_000;
/** Resolved incidents kept as rows; older ones live on in the audit chain. */
export const resolvedKept = 50;

export const openIncidents = (durable: Durable): Incident[] =>
  Object.values(durable.incidents).filter((incident) => !incident.resolved);

export const isSilent = (incident: Incident): boolean => kindRules[incident.kind].silent;

/** Cases that the gate is kept for; whoever is in service works on it. */
export const inHand = (durable: Durable): Incident[] =>
  openIncidents(durable).filter(({ mark }) => mark !== 'service');

/** The mark of what is told of several. */
const markOfAll = (incidents: readonly Incident[]): Mark | null =>
  incidents.every(({ mark }) => mark) ? (incidents[0]?.mark ?? null) : null;

/** Where the dome looks while nobody turns it. A silent case changes nothing of it. */
export const restingPreset = (open: readonly Incident[]): 'alarm' | 'guard' =>
  open.some((one) => rulesOf(one).preset) ? 'alarm' : 'guard';

export interface Press {
  readonly input: string;
  readonly name: string;
  readonly kind: Kind;
  readonly presses: number;
  readonly edge: PressEdge;
  /** As of the fact `input.changed`. */
  readonly earliestMs?: number | null | undefined;
  readonly cause?: 'duress';
}

/** What stands for a button in what is told of the duress PIN; no input of a configuration is called so. */
const duress = {
  ...({ input: '@panel', name: '控制面板胁迫密码 panel, duress PIN' } as const),
  ...({ kind: 'silent', presses: 1, edge: 'live', cause: 'duress' } as const),
} satisfies Press;

/** The duress PIN is a silent press, in a window, too. */
export const duressPressed = (draft: Draft): void => pressed(draft, duress);

/** What people call the input of a case. */
export const inputNameOf = ({ input, cause }: Incident, { setup }: Live): string =>
  cause ? duress.name : (rowOf(setup.inputs, input)?.name ?? input);

export function pressed(draft: Draft, press: Press): void {
  const { site } = draft;
  const lights = kindRules[press.kind].strobe || kindRules[press.kind].siren;
  if (lights && (site.strobe !== 'auto' || site.siren !== 'auto'))
    draft.put('site', { ...site, strobe: 'auto', siren: 'auto' });
  const own = openIncidents(draft.durable).filter(({ input }) => input === press.input);
  const real = own.find(({ mark }) => !mark);
  if (real) return repeated(draft, real, press.presses);
  const isReal = press.edge === 'held-at-start' || press.cause !== undefined;
  const mark = isReal ? null : markOf(draft, press.earliestMs);
  const marked = mark ? own[0] : undefined;
  const incident = marked ?? raise(draft, press, mark);
  const again = marked ? press.presses : press.presses - 1;
  if (again > 0) repeated(draft, incident, again);
  // The alarm first: that nothing is marked beside it is told behind it.
  if (mark) judgeThrice(draft, incident.id);
  else noWindow(draft, press.kind);
}

function raise(
  draft: Draft,
  { input, name, kind, edge, cause }: Press,
  mark: Mark | null,
): Incident {
  const why = cause ? { cause } : {};
  const id = draft.tell('alarm', {
    kind: 'alarm.raised',
    // Message and incident share one id, whatever else this fact has told before.
    incident: draft.nextId,
    input,
    inputName: name,
    alarm: kind,
    edge,
    mark,
    ...why,
  });
  const clip = clipOf(draft, id);
  const incident: Incident = {
    id,
    input,
    kind,
    raised: draft.at,
    presses: 1,
    sent: null,
    received: null,
    seen: null,
    taken: null,
    talking: false,
    undelivered: null,
    falseAlarm: null,
    resolved: null,
    ...(clip === id ? {} : { clip }),
    ...(mark ? { mark } : {}),
    ...why,
  };
  draft.put('incidents', incident);
  if (mark === 'drill') drillPressed(draft, id);
  return incident;
}

function repeated(draft: Draft, incident: Incident, count: number): void {
  const presses = incident.presses + count;
  draft.put('incidents', { ...incident, presses });
  const last = rowOf(draft.durable.inputs, incident.input)?.window;
  // What had folded of a marked case is not told as of the real one that follows it.
  const input = flushed(draft, incident.input, last?.incident !== incident.id);
  const window = input.window ?? { since: draft.at, told: 0, folded: 0, incident: incident.id };
  if (window.told >= repeatsToldMax) {
    draft.put('inputs', { ...input, window: { ...window, folded: window.folded + count } });
    return;
  }
  draft.put('inputs', { ...input, window: { ...window, told: window.told + 1 } });
  tellRepeats(draft, incident.id, count);
}

function tellRepeats(draft: Draft, id: string, count: number): void {
  const incident = draft.durable.incidents[id];
  if (!incident) return;
  const { input, presses, mark = null } = incident;
  draft.tell('alarm', { kind: 'press.repeated', incident: id, input, count, presses, mark });
}

/** Ends a window that is over (or any, when forced) and tells what had folded in it. */
function flushed(draft: Draft, id: string, force: boolean): Input {
  const input = rowOf(draft.durable.inputs, id) ?? { id, count: null, window: null };
  const { window } = input;
  if (!window) return input;
  const age = elapsedMs(window.since, draft.now);
  if (!force && age !== null && age < windowMs) return input;
  const ended: Input = { ...input, window: null };
  draft.put('inputs', ended);
  if (window.folded > 0) {
    const { folded: count, incident } = window;
    tellRepeats(draft, incident, count);
    draft.record.push({ kind: 'presses.folded', input: id, incident, count });
  }
  return ended;
}

/** Whether the step between these counted a press for later: the record of that minute holds it. A
 * contact that chatters for an hour would push a year of records out of the database else. */
export const onlyFolded = (before: State, after: State): boolean =>
  foldedOf(after) > foldedOf(before);

const foldedOf = ({ durable }: State): number =>
  Object.values(durable.inputs).reduce((sum, { window }) => sum + (window?.folded ?? 0), 0);

/** Tells folded presses whose minute is over. A restart ends every minute. */
export function foldedDue(draft: Draft, force: boolean): void {
  for (const [id, { window }] of Object.entries(draft.durable.inputs))
    if (window && (window.folded > 0 || force)) flushed(draft, id, force);
}

/** Whoever acts at the panel; a key has no name. */
interface Who {
  readonly role: string;
  readonly user: string;
}

/** The guard's claim; the dispatcher decides. A silent alarm cannot be claimed away. How many it is of. */
export function claimFalseAlarm(draft: Draft, by: Who | null = null): number {
  const open = openIncidents(draft.durable).filter((i) => !isSilent(i) && !i.falseAlarm);
  if (open.length === 0) return 0;
  for (const incident of open) draft.put('incidents', { ...incident, falseAlarm: draft.at });
  const incidents = open.map(({ id }) => id);
  draft.tell('alarm', { kind: 'incident.false-alarm', incidents, mark: markOfAll(open), ...by });
  return open.length;
}

/** Stops light and siren on the spot, until the next press; ends nothing. */
export function resetLocally(draft: Draft, by: Who | null = null): void {
  const open = openIncidents(draft.durable).filter((incident) => !isSilent(incident));
  if (open.length === 0) return;
  draft.put('site', { ...draft.site, strobe: 'off', siren: 'off' });
  const incidents = open.map(({ id }) => id);
  draft.tell('alarm', { kind: 'incident.local-reset', incidents, mark: markOfAll(open), ...by });
}

export interface Resolution {
  readonly by: Actor;
  readonly reason: string;
  readonly note: string | null;
}

/** The only end of an incident. */
export function resolve(draft: Draft, id: string, { by, reason, note }: Resolution): void {
  flushed(draft, draft.durable.incidents[id]?.input ?? '', true);
  const incident = draft.durable.incidents[id];
  if (!incident) return;
  draft.put('incidents', { ...incident, talking: false, resolved: { ...by, reason, note } });
  const { role, user } = by;
  const { mark = null } = incident;
  const told = { incident: id, role, user, reason, note, mark };
  draft.tell('alarm', { kind: 'incident.resolved', ...told });
  if (openIncidents(draft.durable).length === 0)
    draft.put('site', { ...draft.site, strobe: 'auto', siren: 'auto' });
  draft.patchLive({
    resolvedMs: isSilent(incident) ? draft.live.resolvedMs : draft.now.monoMs,
    unstored: draft.live.unstored.filter((other) => other !== id),
  });
  forgetOldest(draft);
}

function forgetOldest(draft: Draft): void {
  const resolved = Object.values(draft.durable.incidents)
    .filter((incident) => incident.resolved && !incident.held)
    .sort((a, b) => a.raised.wallMs - b.raised.wallMs);
  const excess = resolved.slice(0, Math.max(0, resolved.length - resolvedKept));
  draft.drop(
    'incidents',
    excess.map(({ id }) => id),
  );
}

/** Monotonic times at which folded presses fall due; now for those of an earlier boot. */
export const foldedDeadlines = (durable: Durable, now: { bootId: string; monoMs: number }) =>
  Object.values(durable.inputs).flatMap(({ window }) => {
    if (!window || window.folded === 0) return [];
    return [window.since.bootId === now.bootId ? window.since.monoMs + windowMs : now.monoMs];
  });
