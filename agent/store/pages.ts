// Reads of the outbox: asked over a channel of their own, answered when the worker gets to it. A
// question outlives the worker it was put to and is put again to the next.

import type { Lane } from '../core/message.ts';
import type { OutboxRow } from '../ports.ts';
import { StorageFault } from './fault.ts';
import type { Link } from './link.ts';
import type { PageRequest, PageResult, Pruned, PruneRequest } from './protocol.ts';

interface Pending {
  readonly request: PageRequest;
  readonly resolve: (rows: readonly OutboxRow[]) => void;
  readonly reject: (fault: StorageFault) => void;
}

export class Pages {
  #pending = new Map<number, Pending>();
  #asked = 0;
  #link: Link | null = null;
  onPruned: (pruned: Pruned) => void = () => undefined;

  /** From now on questions go to this worker; those still open are put again. */
  attach(link: Link): void {
    this.#link = link;
    for (const { request } of this.#pending.values()) link.ask(request);
  }

  ask(lane: Lane, afterSeq: number, limit: number): Promise<readonly OutboxRow[]> {
    const request: PageRequest = { ask: ++this.#asked, lane, afterSeq, limit };
    return new Promise((resolve, reject) => {
      this.#pending.set(request.ask, { request, resolve, reject });
      this.#link?.ask(request);
    });
  }

  /** A question that is not put again: the next one will do. */
  prune(request: PruneRequest): void {
    this.#link?.ask(request);
  }

  readonly answered = (result: PageResult | Pruned): void => {
    if (!('ask' in result)) return this.onPruned(result);
    const { ask, rows, error } = result;
    const pending = this.#pending.get(ask);
    this.#pending.delete(ask);
    if (error === null) pending?.resolve(rows);
    else pending?.reject(new StorageFault('failed', error));
  };

  /** Nobody will answer any more. */
  close(): void {
    this.#link = null;
    const fault = new StorageFault('failed', 'the store is closed');
    for (const { reject } of this.#pending.values()) reject(fault);
    this.#pending.clear();
  }
}
