// How far the alarm on the stage has got, as a row of steps. Never more than is known.

import { ladder, type Step } from '../../../core/target.ts';
import type { PanelWord } from '../../../panel/api.ts';

export interface Rung {
  readonly step: Step;
  readonly state: 'reached' | 'now' | 'blocked' | 'open';
}

const rungs = ladder.filter((step) => step !== 'resolved');
const words: readonly PanelWord[] = rungs;

/** Null: no alarm is on its way. */
export function rungsOf(word: PanelWord | null): readonly Rung[] | null {
  if (word === null || word === 'ready' || word === 'resolved') return null;
  const now = words.indexOf(word);
  return rungs.map((step, at) => {
    if (at === now) return { step, state: 'now' };
    if (at < now) return { step, state: 'reached' };
    // Not delivered: that the platform has it is what did not come.
    const isBlocked = word === 'undelivered' && step === 'received';
    return { step, state: isBlocked ? 'blocked' : 'open' };
  });
}
