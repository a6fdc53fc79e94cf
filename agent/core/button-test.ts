// A button that nobody tries fails on the day it is needed. Each falls due so many days after it was tried
// last, is a fault until it has been tried, and counts as tried when a press in a window, or of a test
// button, has come all the way to the platform. By a good clock alone: a bad one has no days.

import type { Draft } from './draft.ts';
import type { Now } from './fact.ts';
import { clearFault, raiseFault } from './fault.ts';
import type { Setup } from './setup.ts';
import { type Incident, type Input, rowOf, type State } from './state.ts';

const dayMs = 86_400_000;
/** A clock that was wrong once and called itself good may have written a day that is far away. */
const aheadMaxMs = dayMs;

const faultOf = (input: string): string => `input.${input}.test-due`;

const buttonsOf = ({ inputs, buttonTestDays }: Setup) =>
  buttonTestDays ? Object.entries(inputs).filter(([, { role }]) => role === 'button') : [];

const rowFor = (inputs: State['durable']['inputs'], id: string): Input =>
  rowOf(inputs, id) ?? { id, count: null, window: null };

/** A press that has arrived: was it one that tries the button? */
export function tried(draft: Draft, { input, kind, mark, made }: Incident): void {
  const { setup } = draft.live;
  if (!(mark || made || kind === 'test') || draft.now.clock !== 'good') return;
  if (!buttonsOf(setup).some(([id]) => id === input)) return;
  draft.put('inputs', { ...rowFor(draft.durable.inputs, input), tried: draft.now.wallMs });
  clearFault(draft, faultOf(input));
}

/** Begins to count for a button that is new, and tells of those that are due. */
export function buttonTestsDue(draft: Draft): void {
  const { live, now } = draft;
  const { setup } = live;
  if (now.clock !== 'good') return;
  for (const [id, { name }] of buttonsOf(setup)) {
    const row = rowFor(draft.durable.inputs, id);
    if (row.tried === undefined || row.tried > now.wallMs + aheadMaxMs)
      draft.put('inputs', { ...row, tried: now.wallMs });
    else if (now.wallMs >= dueWallMs(row.tried, setup))
      raiseFault(draft, faultOf(id), sentenceOf(name, now.wallMs - row.tried));
  }
}

const dueWallMs = (triedMs: number, { buttonTestDays }: Setup): number =>
  triedMs + (buttonTestDays ?? 0) * dayMs;

const sentenceOf = (name: string, ageMs: number): string =>
  `${name}: not tried for ${Math.floor(ageMs / dayMs)} days. Press it once in a drill or service window`;

/** Monotonic times at which one falls due, or begins to be counted. */
export function buttonTestDeadlines({ durable, live }: State, now: Omit<Now, 'id'>): number[] {
  if (now.clock !== 'good') return [];
  return buttonsOf(live.setup)
    .filter(([id]) => !live.faults[faultOf(id)])
    .map(([id]) => rowOf(durable.inputs, id)?.tried)
    .map((triedMs) => {
      if (triedMs === undefined) return now.monoMs;
      return now.monoMs + Math.max(0, dueWallMs(triedMs, live.setup) - now.wallMs);
    });
}
