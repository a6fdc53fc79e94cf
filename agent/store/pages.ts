// Reads of the outbox and of records: asked over a channel of their own, answered when the worker gets to
// it. A question outlives the worker it was put to and is put again to the next.

import type { Lane } from '../core/message.ts';
import type { OutboxRow } from '../ports.ts';
import { StorageFault } from './fault.ts';
import type { Link } from './link.ts';
import type {
  PageRequest,
  PageResult,
  Pruned,
  PruneRequest,
  Records,
  RecordsRequest,
  RecordsResult,
} from './protocol.ts';

interface Pending {
  readonly request: PageRequest | RecordsRequest;
  readonly resolve: (result: PageResult | RecordsResult) => void;
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

  async ask(lane: Lane, afterSeq: number, limit: number): Promise<readonly OutboxRow[]> {
    const result = await this.#put({ ask: ++this.#asked, lane, afterSeq, limit });
    return 'checkpoints' in result ? [] : result.rows;
  }

  async records(before: number | null, limit: number): Promise<Records> {
    const result = await this.#put({ ask: ++this.#asked, before, limit });
    return 'checkpoints' in result ? result : { rows: [], checkpoints: [] };
  }

  #put(request: PageRequest | RecordsRequest): Promise<PageResult | RecordsResult> {
    return new Promise((resolve, reject) => {
      this.#pending.set(request.ask, { request, resolve, reject });
      this.#link?.ask(request);
    });
  }

  /** A question that is not put again: the next one will do. */
  prune(request: PruneRequest): void {
    this.#link?.ask(request);
  }

  readonly answered = (result: PageResult | RecordsResult | Pruned): void => {
    if (!('ask' in result)) return this.onPruned(result);
    const { ask, error } = result;
    const pending = this.#pending.get(ask);
    this.#pending.delete(ask);
    if (error === null) pending?.resolve(result);
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
