// What came of what somebody at the terminal itself has asked for (core/local.ts), until he has taken it.
// Live: who asks is told of a restart by its own.

import type { Draft } from './draft.ts';
import type { Outcome } from './refused.ts';
import type { Live } from './state.ts';

export interface LocalLive {
  /** Of the last askings; of a test once it is over. */
  readonly outcomes: readonly { readonly id: string; readonly outcome: Outcome }[];
  /** What was to be heard when somebody silenced it; anything else is heard. */
  readonly muted: string | null;
}

export const nothingLocal: LocalLive = { outcomes: [], muted: null };

/** Whoever asked takes his at once. */
const outcomesKept = 32;

export function keepOutcome(draft: Draft, id: string, outcome: Outcome): void {
  const { local } = draft.live;
  const outcomes = [...local.outcomes, { id, outcome }].slice(-outcomesKept);
  draft.patchLive({ local: { ...local, outcomes } });
}

/** Null: it is not over, or too long ago. */
export const outcomeOf = ({ local }: Live, id: string): Outcome | null =>
  local.outcomes.find((one) => one.id === id)?.outcome ?? null;
