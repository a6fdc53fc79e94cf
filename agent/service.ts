// The daemon as systemd sees it: readiness, one line of status, and the watchdog. Wires notify and
// watchdog to the terminal, so that main need not.

import type { Clock, Notify } from './ports.ts';
import type { Ports } from './report.ts';
import { type StatusReport, statusLine } from './status.ts';
import { SystemdNotify } from './system/notify.ts';
import { Watchdog } from './system/watchdog.ts';

export interface ServiceParts {
  readonly socket: string | null;
  readonly watchdogMs: number | null;
  readonly clock: Clock;
  /** Null where the terminal is unarmed. */
  readonly ports: Ports | null;
  readonly report: () => StatusReport;
}

export class Service {
  readonly #notify: Notify;
  readonly #watchdog: Watchdog;
  #isReady = false;

  constructor({ socket, watchdogMs, clock, ports, report }: ServiceParts) {
    const terminal = ports && {
      emit: ports.terminal.emit.bind(ports.terminal),
      store: ports.store,
    };
    // Before it is open the terminal takes no facts.
    const sink = terminal && {
      emit: (...fact: Parameters<typeof terminal.emit>) => {
        if (this.#isReady) terminal.emit(...fact);
      },
    };
    const notify = new SystemdNotify({ socket, watchdogMs, clock, sink });
    const status = () => statusLine(report());
    this.#notify = notify;
    this.#watchdog = new Watchdog({ clock, notify, status, terminal });
  }

  open(): void {
    this.#notify.open();
  }

  /** The terminal is open, or will stay unarmed: from now on the loop answers for itself. */
  ready(): void {
    this.#isReady = true;
    this.#notify.ready();
    this.#watchdog.open();
  }

  /** The end has begun; what is left of it has a limit of its own. */
  stopping(): void {
    this.#isReady = false;
    this.#watchdog.close();
    this.#notify.stopping();
  }

  async close(): Promise<void> {
    await this.#notify.close();
  }
}
