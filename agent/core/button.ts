// From electrical edges to presses. The first edge counts, bounce is ignored (by the source where it
// counts presses, else here), a button held at start counts, presses that the source counted while
// nobody listened are made up for.
// A button cannot be disarmed: wiring and stuck faults are told beside, never instead.

import type { Draft } from './draft.ts';
import type { FactOf } from './fact.ts';
import { clearFault, raiseFault } from './fault.ts';
import { claimFalseAlarm, type Press, pressed, resetLocally } from './incident.ts';
import { byHand } from './mark.ts';
import type { PressEdge } from './message.ts';
import type { InputRole, RoleName } from './setup.ts';
import { type Input, type InputLive, type Live, rowOf } from './state.ts';
import { judgeHeld } from './windows.ts';

/** A contact pressed for this long is stuck (REQUIREMENTS, Buttons); its alarm stands all the same. */
export const stuckAfterMs = 30_000;

type Edge = FactOf<'input.changed'>;

const wiring = {
  short: 'wiring fault: short circuit on the loop. Check the cable and the button',
  open: 'wiring fault: the loop is open. Check the cable and the button',
  tamper: 'tamper: the housing was opened or both contacts disagree. Look at the button',
} as const;

/** Conditions that an input stands for, true while its contact is *pressed*. */
const conditions = {
  mains: 'the mains is lost, the terminal runs on its battery. Look at plug and fuse',
  battery: 'the battery is low or broken: the next power cut ends the terminal. Replace it',
  'cabinet-door': 'tamper: the door of the cabinet is open. Look who is there, and close it',
} as const;

const isCondition = (role: RoleName): role is keyof typeof conditions =>
  Object.hasOwn(conditions, role);

const freshInput = (id: string): Input => ({ id, count: null, window: null });

/** Takes an `input.changed` fact. */
export function inputChanged(draft: Draft, fact: Edge): void {
  const role = rowOf(draft.live.setup.inputs, fact.input);
  if (!role) return;
  const before = rowOf(draft.live.inputs, fact.input);
  const row = rowOf(draft.durable.inputs, fact.input) ?? freshInput(fact.input);
  const { presses, edge } = pressesOf(fact, row, before, draft.live.setup.debounceMs);
  remember(draft, fact, row, before, presses);
  const { input, earliestMs } = fact;
  if (presses > 0) act(draft, role, { input, name: role.name, presses, edge, earliestMs });
  if (before && fact.contact !== 'pressed') judgeHeld(draft, input, before, fact.edgeMs);
  // The alarm first: what is wrong with the line is told behind it.
  tellWiring(draft, fact, role.name);
  if (isCondition(role.role)) tellCondition(draft, fact, role.role, role.name);
}

function act(draft: Draft, role: InputRole, press: Omit<Press, 'kind'>): void {
  switch (role.role) {
    case 'button':
      return pressed(draft, { ...press, kind: role.kind });
    case 'false-alarm':
      return void claimFalseAlarm(draft);
    case 'local-reset':
      return resetLocally(draft);
    case 'mains':
    case 'battery':
    case 'cabinet-door':
      return;
  }
}

function pressesOf(fact: Edge, row: Input, before: InputLive | undefined, debounceMs: number) {
  const down = fact.contact === 'pressed';
  const presses = fact.count ? countedPresses(fact, row) : newEdge(fact, before);
  // A source that counts has debounced what it counts; to do it again would lose presses.
  const bounced = !fact.count && before !== undefined && fact.edgeMs - before.edgeMs < debounceMs;
  const edge: PressEdge = !down ? 'counted' : before ? 'live' : 'held-at-start';
  return { presses: bounced ? 0 : presses, edge };
}

function newEdge(fact: Edge, before: InputLive | undefined): number {
  return fact.contact === 'pressed' && before?.contact !== 'pressed' ? 1 : 0;
}

/** The difference of two positions. At first sight there is no position to compare with, and only
 * what is held down now can be called a press. */
function countedPresses(fact: Edge, row: Input): number {
  if (!fact.count) return 0;
  const heldNow = fact.contact === 'pressed' ? 1 : 0;
  if (!row.count) return heldNow;
  const goesOn = row.count.session === fact.count.session && fact.count.total >= row.count.total;
  return goesOn ? fact.count.total - row.count.total : Math.max(fact.count.total, heldNow);
}

function remember(
  draft: Draft,
  fact: Edge,
  row: Input,
  before: InputLive | undefined,
  presses: number,
): void {
  const { count } = fact;
  if (count && (row.count?.session !== count.session || row.count.total !== count.total))
    draft.put('inputs', { ...row, count: { session: count.session, total: count.total } });
  const changed = before?.contact !== fact.contact;
  const seen: InputLive = {
    contact: fact.contact,
    sinceMonoMs: changed || !before ? draft.now.monoMs : before.sinceMonoMs,
    // The first sight is a level, not an edge: a press right after it is no bounce.
    edgeMs: before ? (changed ? fact.edgeMs : before.edgeMs) : Number.NEGATIVE_INFINITY,
    pressed: lastPresses(before?.pressed ?? [], presses, draft.now.monoMs, fact.edgeMs),
  };
  draft.patchLive({ inputs: { ...draft.live.inputs, [fact.input]: seen } });
}

function lastPresses(
  before: InputLive['pressed'],
  presses: number,
  monoMs: number,
  edgeMs: number,
): InputLive['pressed'] {
  const now = Array.from({ length: Math.min(presses, byHand.presses) }, () => ({ monoMs, edgeMs }));
  return [...before, ...now].slice(-byHand.presses);
}

function tellWiring(draft: Draft, fact: Edge, name: string): void {
  for (const contact of ['short', 'open', 'tamper'] as const) {
    const fault = `input.${fact.input}.${contact}`;
    if (fact.contact === contact) raiseFault(draft, fault, `${name}: ${wiring[contact]}`);
    else clearFault(draft, fault);
  }
  if (fact.contact !== 'pressed') clearFault(draft, `input.${fact.input}.stuck`);
}

/** A wiring fault says nothing about the condition: what was known last stays. */
function tellCondition(
  draft: Draft,
  { input, contact }: Edge,
  condition: keyof typeof conditions,
  name: string,
): void {
  const fault = `input.${input}.${condition}`;
  if (contact === 'pressed') raiseFault(draft, fault, `${name}: ${conditions[condition]}`);
  else if (contact === 'normal') clearFault(draft, fault);
}

/** Buttons and keys that are down now and may be stuck; a condition may last. */
const pressedKeys = ({ inputs, setup }: Live): [string, InputLive][] =>
  Object.entries(inputs).filter(
    ([id, { contact }]) =>
      contact === 'pressed' && !isCondition(setup.inputs[id]?.role ?? 'button'),
  );

/** Buttons that have been down too long become faults. */
export function stuckDue(draft: Draft): void {
  for (const [id, input] of pressedKeys(draft.live)) {
    if (draft.now.monoMs - input.sinceMonoMs < stuckAfterMs) continue;
    const name = draft.live.setup.inputs[id]?.name ?? id;
    raiseFault(draft, `input.${id}.stuck`, `${name}: pressed for 30 s. Is it jammed? Release it`);
  }
}

/** Monotonic times at which a button that is down now becomes stuck. */
export const stuckDeadlines = (live: Live): number[] =>
  pressedKeys(live)
    .filter(([id]) => !live.faults[`input.${id}.stuck`])
    .map(([, { sinceMonoMs }]) => sinceMonoMs + stuckAfterMs);
