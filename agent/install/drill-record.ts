// A drill that has been scored is signed, too: a record with its pages beside it, for whoever asks how the
// school did. The score itself is in the chain already, whatever becomes of the file.

import type { Identity } from '../contract.ts';
import type { DrillScore } from '../core/drill.ts';
import type { Fact } from '../core/fact.ts';
import type { Order } from '../records/recorder.ts';
import type { Watch } from '../terminal.ts';

export interface DrillSigner {
  readonly identity: Identity;
  readonly make: (order: Order) => Promise<unknown>;
}

/** Looks on; `signer` null: there is nothing to sign with yet. */
export const drillWatch = (signer: () => DrillSigner | null): Watch => ({
  stepped(_fact, _now, { record }) {
    const scored = record.find(isScored);
    const by = scored && signer();
    if (by) void by.make(orderOf(scored, by.identity));
  },
  committed: () => undefined,
});

type Scored = Extract<Fact, { kind: 'drill.scored' }>;
const isScored = (fact: Fact): fact is Scored => fact.kind === 'drill.scored';

function orderOf({ kind: _, ...score }: Scored, identity: Identity): Order {
  const { passed, role, user } = score;
  return {
    ...{ kind: 'drill', result: passed ? 'passed' : 'failed', role, user },
    summary: summaryOf(score),
    body: { mark: 'drill', identity, ...score },
  };
}

function summaryOf({ cases, within, judged, passed }: DrillScore): string {
  if (passed === null) return `Drill: nothing to judge, ${cases.length} presses`;
  const met = `${within} of ${judged} targets met`;
  return passed ? `Drill: all ${met}` : `Drill: ${met}`;
}
