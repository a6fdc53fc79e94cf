// Faults: known once, told once, cleared once. Live: after a restart the drivers find them anew,
// and the birth message carries the whole list.

import type { Draft } from './draft.ts';
import { domeEvents } from './fact.ts';
import { pictured } from './sighting.ts';

/** More than this at once says nothing more; the excess is dropped from the list, not from the log. */
export const faultsMax = 100;

export function raiseFault(draft: Draft, fault: string, detail: string): void {
  const { faults } = draft.live;
  if (faults[fault] || Object.keys(faults).length >= faultsMax) return;
  draft.patchLive({ faults: { ...faults, [fault]: { fault, detail, since: draft.at } } });
  draft.tell('event', {
    kind: 'fault.raised',
    fault,
    detail,
    ...(isSeen(fault) ? pictured(draft) : {}),
  });
}

/** The dome has noticed something. */
const isSeen = (fault: string): boolean => domeEvents.some((event) => fault === `dome.${event}`);

export function clearFault(draft: Draft, fault: string): void {
  if (!draft.live.faults[fault]) return;
  const { [fault]: _, ...faults } = draft.live.faults;
  draft.patchLive({ faults });
  draft.tell('event', { kind: 'fault.cleared', fault });
}
