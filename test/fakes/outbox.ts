// An outbox in memory, for the uplink's tests.

import type { Lane } from '#agent/core/message.ts';
import type { Outbox, OutboxRow } from '#agent/ports.ts';

export class FakeOutbox implements Outbox {
  rows: OutboxRow[] = [];
  /** Pages read so far. */
  pages = 0;
  /** A page never comes back: the disk hangs. */
  hanging = false;
  /** Pages fail with this. */
  broken: string | null = null;

  constructor(rows: readonly OutboxRow[] = []) {
    this.rows = [...rows];
  }

  page(lane: Lane, afterSeq: number, limit: number): Promise<readonly OutboxRow[]> {
    this.pages += 1;
    if (this.hanging) return new Promise(() => undefined);
    if (this.broken) return Promise.reject(new Error(this.broken));
    const waiting = this.rows.filter((row) => row.lane === lane && row.seq > afterSeq);
    return Promise.resolve(waiting.slice(0, limit));
  }

  settle(ids: readonly string[]): void {
    const done = new Set(ids);
    this.rows = this.rows.filter(({ id }) => !done.has(id));
  }
}
