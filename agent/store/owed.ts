// Alarms that the journal has told of and the database does not take yet: a restart while the disk is
// full or held. They go out with the pages all the same (rule 2), in their place.

import type { Lane } from '../core/message.ts';
import type { OutboxRow } from '../ports.ts';

export class Owed {
  #rows: readonly OutboxRow[] = [];

  take(rows: readonly OutboxRow[]): void {
    this.#rows = rows;
  }

  settle(ids: readonly string[]): void {
    if (this.#rows.length > 0) this.#rows = this.#rows.filter(({ id }) => !ids.includes(id));
  }

  /** A page of the database with what it lacks. */
  among(
    page: readonly OutboxRow[],
    lane: Lane,
    afterSeq: number,
    limit: number,
  ): readonly OutboxRow[] {
    const owed = this.#rows.filter((row) => row.lane === lane && row.seq > afterSeq);
    if (owed.length === 0) return page;
    const all = new Map([...owed, ...page].map((row) => [row.id, row]));
    return [...all.values()].sort((a, b) => a.seq - b.seq).slice(0, limit);
  }
}
