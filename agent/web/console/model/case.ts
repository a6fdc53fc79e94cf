// What a dispatcher has before him: the open cases of all terminals, in the order in which they want to be
// looked at, and what there is to say of one. Pure.

import type { BirthMessage, Identity } from '../../../contract.ts';
import type { OpenIncident, TerminalView } from '../../client/terminals.ts';

export type Kind = OpenIncident['kind'];
export type Step = OpenIncident['step'];
/** A press of a drill or of service mode dispatches nobody. */
export type Mark = NonNullable<OpenIncident['mark']>;
export type Course = NonNullable<OpenIncident['course']>;

export interface Case {
  readonly id: string;
  readonly terminal: string;
  /** The terminal is there: what is said of the case is of now. */
  readonly online: boolean;
  readonly identity: Identity | null;
  readonly clock: BirthMessage['clock'];
  readonly kind: Kind;
  readonly mark: Mark | null;
  readonly inputName: string;
  readonly presses: number;
  readonly step: Step;
  readonly raisedMs: number;
  readonly course: Course | null;
  readonly seen: OpenIncident['seen'];
  readonly taken: OpenIncident['taken'];
}

/** What kills first comes first; a test is no alarm. */
const kindOrder: readonly Kind[] = ['emergency', 'silent', 'fire', 'medical', 'test'];

const rankOf = ({ kind, mark }: Case): number =>
  kindOrder.indexOf(kind) + (mark === null ? 0 : kindOrder.length);

/** By kind, then the oldest first; whatever is marked comes after all that is real. Stable. */
export const inOrder = (cases: readonly Case[]): readonly Case[] =>
  [...cases].sort(
    (a, b) => rankOf(a) - rankOf(b) || a.raisedMs - b.raisedMs || (a.id < b.id ? -1 : 1),
  );

export const casesOf = (view: TerminalView): readonly Case[] =>
  view.incidents.map((incident) => ({
    id: incident.id,
    terminal: view.id,
    online: view.online,
    identity: view.birth?.identity ?? null,
    clock: view.birth?.clock ?? 'unknown',
    kind: incident.kind,
    mark: incident.mark,
    inputName: incident.course?.inputName ?? incident.input,
    presses: incident.presses,
    step: incident.step,
    raisedMs: incident.raisedWallMs,
    course: incident.course,
    seen: incident.seen,
    taken: incident.taken,
  }));

/** Nobody has answered it yet. */
export const isWaiting = ({ step }: Pick<Case, 'step'>): boolean =>
  step !== 'taken' && step !== 'talking' && step !== 'resolved';

/** Since when it stands at its step, by the terminal's clock; null: not told. */
export function stepSinceMs({ step, course, seen, taken, raisedMs }: Case): number | null {
  switch (step) {
    case 'unstored':
    case 'stored':
      return raisedMs;
    case 'sent':
      return course?.sentWallMs ?? null;
    case 'received':
      return course?.receivedWallMs ?? null;
    case 'seen':
      return seen?.wallMs ?? null;
    case 'taken':
    case 'talking':
      return taken?.wallMs ?? null;
    default:
      return null;
  }
}

/** Two terminals of one clock may differ by a little: nothing is older than now. */
export const ageMs = (sinceMs: number, nowMs: number): number => Math.max(0, nowMs - sinceMs);

/** The case that comes after this one in the order, from the first again after the last. */
export function nextOf(cases: readonly Case[], id: string | null): Case | null {
  const at = cases.findIndex((one) => one.id === id);
  return cases[(at + 1) % cases.length] ?? null;
}

/** The first that nobody has answered, else the first. */
export const firstOf = (cases: readonly Case[]): Case | null =>
  cases.find(isWaiting) ?? cases[0] ?? null;
