// The head of the audit chain, told once a day, so that the platform is a witness even to a terminal where
// nothing happens.

import type { Draft } from './draft.ts';
import type { Now } from './fact.ts';
import type { Durable } from './state.ts';

const dayMs = 86_400_000;
const dayOf = (wallMs: number): number => Math.floor(wallMs / dayMs);

/** Tells the chain's head on the first occasion of a UTC day. A bad clock has no days. */
export function headDue(draft: Draft): void {
  const { clock, wallMs } = draft.now;
  const today = String(dayOf(wallMs));
  if (clock !== 'good' || draft.site.headTold === today) return;
  draft.put('site', { ...draft.site, headTold: today });
  draft.tell('event', { kind: 'chain.head' });
}

/** Monotonic time of the next head, or nothing while the clock is bad. */
export function headDeadlines(durable: Durable, now: Omit<Now, 'id'>): number[] {
  if (now.clock !== 'good') return [];
  const told = Number(durable.site.site?.headTold || Number.NaN);
  const dueWallMs = told === dayOf(now.wallMs) ? (told + 1) * dayMs : now.wallMs;
  return [now.monoMs + Math.max(0, dueWallMs - now.wallMs)];
}
