// How far an alarm has got: sent at the broker's PUBACK, received at the platform's receipt,
// undelivered when 10 s have passed without. The ladder is computed here and nowhere else.

import { tried } from './button-test.ts';
import type { Draft } from './draft.ts';
import { elapsedMs } from './draft.ts';
import type { Now } from './fact.ts';
import { openIncidents } from './incident.ts';
import type { Setup } from './setup.ts';
import { type Durable, type Incident, type Live, rowOf } from './state.ts';
import type { LampWord } from './target.ts';
import { aliveSince, toldBy } from './windows.ts';

/** No receipt this long after a press is a state of its own (rule 4). */
export const receiptWithinMs = 10_000;

export function acked(draft: Draft, ids: readonly string[]): void {
  const isEnd = draft.live.setup.receipts === 'none';
  for (const incident of named(draft, ids)) {
    if (incident.sent) continue;
    draft.put('incidents', { ...incident, sent: draft.at });
    if (isEnd) tried(draft, incident);
  }
  if (isEnd) draft.settle.push(...ids);
}

export function received(draft: Draft, ids: readonly string[]): void {
  for (const incident of named(draft, ids)) {
    if (incident.received) continue;
    const sent = incident.sent ?? draft.at;
    draft.put('incidents', { ...incident, sent, received: draft.at });
    tried(draft, incident);
  }
  draft.settle.push(...ids);
}

/** An alarm message bears its incident's id, but for one that tells of a row gone bad, or of a drill made
 * real: a receipt for what was a drill proves nothing. */
function named(draft: Draft, ids: readonly string[]): Incident[] {
  const { incidents } = draft.durable;
  const others = Object.values(incidents).filter((one) => toldBy(one) !== one.id);
  return ids.flatMap((id) => [
    ...[rowOf(incidents, id) ?? []].flat().filter((one) => toldBy(one) === id),
    ...others.filter((one) => toldBy(one) === id),
  ]);
}

/** A dispatcher who has seen or taken it proves the delivery, whatever became of the receipt. */
export const isDelivered = (incident: Incident, setup: Setup): boolean =>
  Boolean(
    incident.received ??
      incident.seen ??
      incident.taken ??
      (setup.receipts === 'none' ? incident.sent : null),
  );

export function undeliveredDue(draft: Draft): void {
  for (const incident of openIncidents(draft.durable)) {
    if (incident.undelivered || isDelivered(incident, draft.live.setup)) continue;
    const age = elapsedMs(aliveSince(incident), draft.now);
    if (age === null || age >= receiptWithinMs)
      draft.put('incidents', { ...incident, undelivered: draft.at });
  }
}

/** Monotonic times at which an open incident becomes undelivered. Fate after a reboot: fire. */
export const undeliveredDeadlines = (durable: Durable, live: Live, now: Now | Omit<Now, 'id'>) =>
  openIncidents(durable)
    .filter((incident) => !incident.undelivered && !isDelivered(incident, live.setup))
    .map(aliveSince)
    .map(({ bootId, monoMs }) => (bootId === now.bootId ? monoMs + receiptWithinMs : now.monoMs));

/** Where an incident stands, in the lamp's words; never more than what is known. */
export function wordOf(incident: Incident, live: Live): LampWord {
  if (incident.resolved) return 'resolved';
  if (incident.undelivered && !isDelivered(incident, live.setup)) return 'undelivered';
  if (incident.talking) return 'talking';
  if (incident.taken) return 'taken';
  if (incident.seen) return 'seen';
  if (incident.received) return 'received';
  if (incident.sent) return 'sent';
  return live.unstored.includes(incident.id) ? 'unstored' : 'stored';
}
