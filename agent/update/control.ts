// What root's updater asks over control.sock, in answers that a shell can read: a list of words, or one
// sentence. May the program be exchanged, how does the terminal do, and read what came of it.

import type { State } from '../core/state.ts';
import { whyNoUpdate } from '../core/update.ts';
import type { Clock } from '../ports.ts';
import { runningVersion } from './places.ts';

export interface UpdateDesk {
  readonly terminal: { readonly state: State };
  readonly updates: { look(): void };
  /** False while it is still being opened. */
  readonly isArmed: () => boolean;
}

interface Self {
  readonly version: string;
  readonly clock: Clock;
}

/** Nothing that a shell or JSON would have to escape. */
const wordOf = (text: string): string => text.replace(/[^\w.:+~-]/g, '_');

/** Null: the terminal is not armed, and nobody is disturbed. */
export function updateVerbs({ version, clock }: Self, desk: UpdateDesk | null) {
  const head = [`version:${runningVersion(version)}`, `life:${process.pid}`];
  const why = (): string | null => {
    if (!desk) return null;
    return desk.isArmed() ? whyNoUpdate(desk.terminal.state, clock.now()) : 'it is just starting';
  };
  return {
    'update.leave': () => [why() ?? 'yes'],
    'update.health': () =>
      [...head, ...(desk?.isArmed() ? healthOf(desk.terminal.state) : [])].map(wordOf),
    'update.result': () => {
      desk?.updates.look();
      return ['read'];
    },
  } as const;
}

/** `ok:` what works, `fault:` what does not. The start itself has written a record: a store that does not
 * take any is known. A button is open when its contact has been told. */
function healthOf({ live }: State): string[] {
  const buttons = Object.entries(live.setup.inputs)
    .filter(([id, { role }]) => role === 'button' && live.inputs[id] !== undefined)
    .map(([id]) => `ok:button:${id}`);
  const store = live.storageFailing ? [] : ['ok:store'];
  return [
    'ok:armed',
    ...store,
    ...buttons,
    ...Object.keys(live.faults).map((one) => `fault:${one}`),
  ];
}
