// Which records of the chain are a case's. What speaks of it by name always is; what happened to the terminal
// as a whole (faults, restarts, a turn of the stick, light) is while the case was open. All others leave the
// house as a hash: they may be of other people's cases.

import type { Fact, FactKind, FactOf } from '../core/fact.ts';
import type { InputRole } from '../core/setup.ts';
import type { Incident, Moment, Table } from '../core/state.ts';

/** A record with its body. */
export interface Recorded {
  readonly seq: number;
  readonly at: Moment;
  readonly fact: Fact;
}

export type CaseInputs = Table<InputRole & { readonly name: string }>;

export const isSame = (a: Moment | null, b: Moment): boolean =>
  a !== null && a.bootId === b.bootId && a.monoMs === b.monoMs && a.wallMs === b.wallMs;

/** The record of the press that opened it, or of the row that could not be read. */
export const isOpening = ({ at, fact }: Recorded, { id, input, raised }: Incident): boolean =>
  (fact.kind === 'input.changed' && fact.input === input && isSame(raised, at)) ||
  (fact.kind === 'record.unreadable' && fact.id === id);

const isEnding = ({ at }: Recorded, { resolved }: Incident): boolean =>
  resolved !== null && isSame(resolved.at, at);

/** Names of its files begin with one of these: its own, or those of a clip that it shares. */
export const stemsOf = ({ id, clip }: Incident): readonly string[] => [
  ...new Set([`${id}-`, `${clip ?? id}-`]),
];

/** Its records, oldest first. */
export function recordsOf(
  all: readonly Recorded[],
  incident: Incident,
  inputs: CaseInputs,
): readonly Recorded[] {
  const opening = all.find((one) => isOpening(one, incident));
  const fromSeq = opening?.seq ?? Number.POSITIVE_INFINITY;
  const toSeq = all.find((one) => isEnding(one, incident))?.seq ?? Number.POSITIVE_INFINITY;
  const sessions = new Set(
    all.flatMap(({ fact }) =>
      (fact.kind === 'session.opened' || fact.kind === 'session.passed') &&
      fact.incident === incident.id
        ? [fact.session]
        : [],
    ),
  );
  const lasting = faultsAt(all, fromSeq);
  const around = { incident, inputs, sessions };
  return all.filter((one) => {
    const { seq, fact } = one;
    if (isOpening(one, incident) || isNamed(fact, incident)) return true;
    if (fact.kind === 'session.ended') return sessions.has(fact.session);
    if (fact.kind === 'stick.ended') return seq > fromSeq && isBefore(fact.since, incident);
    if (seq < fromSeq) return lasting.has(seq);
    return seq <= toSeq && isMeanwhile(one, around);
  });
}

/** It speaks of the case itself. */
function isNamed(fact: Fact, { id, clip = id }: Incident): boolean {
  switch (fact.kind) {
    case 'command.received':
      return 'incident' in fact.args && fact.args.incident === id;
    case 'evidence.stored':
    case 'evidence.missing':
      return fact.incident === (fact.what === 'snapshot' ? id : clip);
    case 'evidence.written':
    case 'evidence.purged':
      return fact.file.startsWith(`${id}-`) || fact.file.startsWith(`${clip}-`);
    case 'uplink.received':
      return fact.ids.includes(id);
    default:
      // What is added later and names its case is found by that.
      return 'incident' in fact && fact.incident === id;
  }
}

interface Around {
  readonly incident: Incident;
  readonly inputs: CaseInputs;
  readonly sessions: ReadonlySet<string>;
}

const ofTheTerminal: ReadonlySet<FactKind> = new Set<FactKind>([
  ...(['fault.raised', 'fault.cleared', 'storage.failed', 'storage.recovered'] as const),
  ...(['terminal.started', 'terminal.stopping'] as const),
]);

function isMeanwhile({ at, fact }: Recorded, { incident, inputs }: Around): boolean {
  if (ofTheTerminal.has(fact.kind)) return true;
  if (fact.kind === 'time.passed')
    return isSame(incident.undelivered, at) || isSame(madeRealAt(incident), at);
  if (fact.kind === 'input.changed') return fact.input === incident.input || isKey(fact, inputs);
  return fact.kind === 'command.received' && /^(strobe|siren)-/.test(fact.args.verb);
}

/** A button that is held makes a marked case real by time alone. */
const madeRealAt = (incident: Incident & { readonly made?: { readonly at: Moment } }) =>
  incident.made?.at ?? null;

/** The guard's keys say something of every case that is open. */
function isKey({ input }: FactOf<'input.changed'>, inputs: CaseInputs): boolean {
  const role = inputs[input]?.role;
  return role === 'false-alarm' || role === 'local-reset';
}

function isBefore(since: Moment, { resolved }: Incident): boolean {
  if (!resolved || resolved.at.bootId !== since.bootId) return resolved === null;
  return since.monoMs <= resolved.at.monoMs;
}

/** Records of the faults that lasted at the press. A start tells them all anew. */
function faultsAt(all: readonly Recorded[], fromSeq: number): ReadonlySet<number> {
  const lasting = new Map<string, number>();
  for (const { seq, fact } of all) {
    if (seq >= fromSeq) break;
    if (fact.kind === 'terminal.started') lasting.clear();
    if (fact.kind === 'fault.raised') lasting.set(fact.fault, seq);
    if (fact.kind === 'fault.cleared') lasting.delete(fact.fault);
  }
  return new Set(lasting.values());
}
