// What is known of each terminal: its newest birth or will, and its open cases. The birth message has
// them all; an alarm is quicker and comes first.

import type * as z from 'zod';
import type { AlarmMessage, BirthMessage, stateMessage } from '../../contract.ts';

export type OpenIncident = BirthMessage['incidents'][number];

export interface TerminalView {
  readonly id: string;
  readonly online: boolean;
  /** Of the newest state message; commands carry it. */
  readonly bootId: string;
  /** The newest there was; null: only ever seen gone. */
  readonly birth: BirthMessage | null;
  /** Open cases, as told last. */
  readonly incidents: readonly OpenIncident[];
  /** Presses are marked there now; null: they are real. As its newest birth says. */
  readonly window: BirthMessage['window'];
}

/** How a terminal has come: for the first time or with nothing new, back, or with another boot. */
export type Arrival = 'same' | 'back' | 'rebooted';

const idsKept = 2_000;

export class Terminals {
  readonly #views = new Map<string, TerminalView>();
  /** Ids of alarms and events, so that one sent again, or heard on two lines, is told once. */
  readonly #heard = new Set<string>();
  readonly #resolved = new Set<string>();

  get all(): readonly TerminalView[] {
    return [...this.#views.values()];
  }

  get(id: string): TerminalView | null {
    return this.#views.get(id) ?? null;
  }

  /** Takes a birth or a will. */
  state(state: z.infer<typeof stateMessage>): { view: TerminalView; arrival: Arrival } {
    const { terminal: id, bootId, online } = state;
    const before = this.get(id);
    const view = state.online
      ? { id, online, bootId, birth: state, incidents: state.incidents, window: state.window }
      : { ...(before ?? unborn(id)), online, bootId };
    this.#views.set(id, view);
    return { view, arrival: state.online && before ? arrivalOf(before, view) : 'same' };
  }

  /** Whether a message was not heard before. */
  isNew({ id }: { readonly id: string }): boolean {
    if (this.#heard.has(id)) return false;
    remember(this.#heard, id);
    return true;
  }

  /** Takes an alarm; null where it had been heard before. */
  alarm(alarm: AlarmMessage): TerminalView | null {
    if (!this.isNew(alarm)) return null;
    if (alarm.kind === 'incident.resolved') remember(this.#resolved, alarm.incident);
    const view = this.get(alarm.terminal) ?? { ...unborn(alarm.terminal), bootId: alarm.bootId };
    const changed = { ...view, incidents: this.#incidents(view, alarm) };
    this.#views.set(alarm.terminal, changed);
    return changed;
  }

  #incidents({ incidents }: TerminalView, alarm: AlarmMessage): readonly OpenIncident[] {
    switch (alarm.kind) {
      case 'alarm.raised': {
        const { incident: id, input, alarm: kind, wallMs: raisedWallMs, mark } = alarm;
        if (this.#resolved.has(id) || incidents.some((one) => one.id === id)) return incidents;
        const course = courseOf(alarm.inputName);
        return [...incidents, { id, input, kind, raisedWallMs, mark, course, ...fresh }];
      }
      case 'record.unreadable': {
        const { incident: id, alarm: kind, wallMs: raisedWallMs } = alarm;
        if (this.#resolved.has(id) || incidents.some((one) => one.id === id)) return incidents;
        return [
          ...incidents,
          { id, input: '', kind, raisedWallMs, mark: null, course: null, ...fresh },
        ];
      }
      case 'press.repeated': {
        const { incident, presses } = alarm;
        return incidents.map((one) => (one.id === incident ? { ...one, presses } : one));
      }
      case 'incident.made-real':
        return this.#resolved.has(alarm.incident) ? incidents : withReal(incidents, alarm);
      case 'incident.resolved':
        return incidents.filter(({ id }) => id !== alarm.incident);
      default:
        return incidents;
    }
  }
}

const fresh = { step: 'sent', presses: 1, seen: null, taken: null } as const;

/** All that an alarm tells of it; the birth message, a moment later, has the rest. */
const courseOf = (inputName: string): OpenIncident['course'] => ({
  ...{ inputName, sentWallMs: null, receivedWallMs: null },
  ...{ undeliveredWallMs: null, falseAlarmWallMs: null },
});

const unborn = (id: string): TerminalView => ({
  ...{ id, bootId: '', online: true, birth: null, incidents: [], window: null },
});

type MadeReal = Extract<AlarmMessage, { kind: 'incident.made-real' }>;

/** Also where nobody here has heard of its drill. */
function withReal(
  incidents: readonly OpenIncident[],
  { incident: id, input, alarm: kind, presses, wallMs }: MadeReal,
): readonly OpenIncident[] {
  const unheard = { ...fresh, raisedWallMs: wallMs, course: null };
  const before = incidents.find((one) => one.id === id) ?? unheard;
  const real: OpenIncident = { ...before, id, input, kind, presses, step: 'sent', mark: null };
  return [...incidents.filter((one) => one.id !== id), real];
}

function arrivalOf(before: TerminalView, now: TerminalView): Arrival {
  if (before.bootId !== now.bootId) return 'rebooted';
  return before.online ? 'same' : 'back';
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  const [oldest] = ids;
  if (ids.size > idsKept && oldest !== undefined) ids.delete(oldest);
}
