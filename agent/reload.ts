// A changed configuration, asked for by SIGHUP (systemctl reload) or held back at the start: checked at
// once, and taken by a restart when no case, call or window is open. Only a service manager starts us again,
// so without one nothing is ended.

import { waitingDetail } from './config/held.ts';
import { type LoadRequest, loadConfig, sentence } from './config.ts';
import type { Fact } from './core/fact.ts';
import { openIncidents } from './core/incident.ts';
import type { State } from './core/state.ts';
import type { Clock } from './ports.ts';
import { Refusal } from './refusal.ts';

const lookEveryMs = 1000;

export interface ReloadParts {
  readonly request: LoadRequest;
  readonly clock: Clock;
  /** Whoever starts us again. */
  readonly isSupervised: boolean;
  /** Null: unarmed. */
  readonly terminal: { readonly state: State; emit(fact: Fact): void } | null;
  readonly end: () => void;
  readonly say: (text: string) => void;
}

/** Nothing is open that a restart would disturb. */
export const isQuiet = ({ durable, live }: State): boolean =>
  openIncidents(durable).length === 0 &&
  live.window === null &&
  Object.values(live.sessions).every(({ kind }) => kind !== 'talk');

export class Reload {
  readonly #parts: ReloadParts;
  #cancel: (() => void) | null = null;

  constructor(parts: ReloadParts) {
    this.#parts = parts;
  }

  /** Somebody has changed the file and says so. */
  readonly asked = (): void => {
    const { request, terminal, say, isSupervised } = this.#parts;
    try {
      loadConfig(request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const detail = `The changed configuration is wrong and not used: ${sentence(error)}`;
      say(detail);
      return terminal?.emit({ kind: 'fault.raised', fault: 'config.refused', detail });
    }
    if (!isSupervised) return say('the configuration is right; restart gate-agent to use it');
    terminal?.emit({ kind: 'fault.cleared', fault: 'config.refused' });
    this.#wait();
  };

  #wait(): void {
    const { terminal, end, isSupervised } = this.#parts;
    if (!isSupervised || this.#cancel) return;
    if (!terminal || isQuiet(terminal.state)) return end();
    terminal.emit({ kind: 'fault.raised', fault: 'config.waiting', detail: waitingDetail });
    this.#look(terminal, end);
  }

  /** It was held back at the start. A journal that was wrong about the case must not end us again and
   * again. */
  held(): void {
    const { terminal, end, isSupervised } = this.#parts;
    if (isSupervised && terminal && !isQuiet(terminal.state)) this.#look(terminal, end);
  }

  close(): void {
    this.#cancel?.();
  }

  #look(terminal: NonNullable<ReloadParts['terminal']>, end: () => void): void {
    const { clock } = this.#parts;
    const look = (): void => {
      if (isQuiet(terminal.state)) end();
      else this.#cancel = clock.after(lookEveryMs, look);
    };
    this.#cancel = clock.after(lookEveryMs, look);
  }
}
