// Faults of the uplink: each is told once when it begins and once when it ends.

import type { Sink } from '../ports.ts';

export type Trouble =
  /** Offline for more than 30 s, or connected to what acknowledges nothing. */
  | 'uplink.down'
  /** The first broker is not used, since it fails. */
  | 'uplink.on-second'
  /** The broker speaks only MQTT 3.1.1. */
  | 'uplink.mqtt-3-1-1'
  /** The wall clock is behind a time that has been. */
  | 'clock.behind'
  /** Another client uses our client id. */
  | 'uplink.taken-over'
  /** The broker took an alarm and nobody is subscribed to it. */
  | 'uplink.nobody'
  /** The broker refuses what we publish. */
  | 'uplink.refused'
  /** The broker refuses our subscriptions: no receipts, no commands. */
  | 'uplink.unheard'
  /** A receipt could not be read. */
  | 'uplink.receipt-malformed'
  /** The outbox could not be read. */
  | 'uplink.outbox-unread';

export class Troubles {
  readonly #told = new Set<Trouble>();
  #sink: Sink | null = null;

  open(sink: Sink): void {
    this.#sink = sink;
  }

  raise(fault: Trouble, detail: string): void {
    if (this.#told.has(fault)) return;
    this.#told.add(fault);
    this.#sink?.emit({ kind: 'fault.raised', fault, detail });
  }

  /** `detail`: null where all is well. */
  set(fault: Trouble, detail: string | null): void {
    if (detail === null) this.clear(fault);
    else this.raise(fault, detail);
  }

  clear(fault: Trouble): void {
    if (this.#told.delete(fault)) this.#sink?.emit({ kind: 'fault.cleared', fault });
  }
}

export const oldBroker = (url: string): string =>
  `The broker ${url} speaks only MQTT 3.1.1: its PUBACK does not tell whether its ACL let a message ` +
  'through or anybody is subscribed. Update it to MQTT 5.';

export const unheard = (reason: string): string =>
  `The broker refuses our subscriptions: ${reason}.`;

export const takenOver =
  'Our link is ended again and again for the sake of another client under our client id: each ' +
  'terminal needs an id of its own (broker.clientId). Is a replaced terminal still running?';
