// A row that was there at the start and cannot be understood. An incident counts as open, never as none:
// a person at the platform decides, with the bytes before them. Anything else begins anew, with a fault.

import type { Draft } from './draft.ts';
import type { FactOf } from './fact.ts';
import { raiseFault } from './fault.ts';
import { type Kind, rowOf } from './state.ts';

/** Of the row's bytes, and of the problem, this many characters are sent along. */
export const recordCharsMax = 4000;

/** No input has this name, so that a press opens an incident of its own and hides behind no ruin. */
export const unknownInput = '?';

export function recordUnreadable(draft: Draft, fact: FactOf<'record.unreadable'>): void {
  const { table, id, body } = fact;
  const problem = fact.problem.slice(0, recordCharsMax);
  if (table !== 'incidents') {
    const detail = `the row ${id} of ${table} could not be read and begins anew. Check the disk`;
    return raiseFault(draft, `storage.record.${table}`, detail);
  }
  if (rowOf(draft.durable.incidents, id)) return;
  const kind = kindOf(body);
  const told = { incident: id, alarm: kind, body: body.slice(0, recordCharsMax), problem };
  const message = draft.tell('alarm', { kind: 'record.unreadable', ...told });
  draft.put('incidents', {
    ...{ id, input: unknownInput, kind, raised: draft.at, presses: 1 },
    ...{ sent: null, received: null, seen: null, taken: null, talking: false },
    ...{ undelivered: null, falseAlarm: null, resolved: null },
    unreadable: { message },
  });
}

/** A strobe must not betray what may have been a silent alarm; of what else it was nothing is left. */
const kindOf = (body: string): Kind => (/"kind"\s*:\s*"silent/.test(body) ? 'silent' : 'emergency');
