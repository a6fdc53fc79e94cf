// What stands in for the database where it cannot be opened: rows of the outbox in memory, until their
// receipt or the end of the process. The alarm journal is what outlives it.
// At the bound telemetry goes first, then events, oldest first; an alarm never.

import { type Lane, priorities } from '../core/message.ts';
import type { OutboxRow } from '../ports.ts';
import { backlogLimits } from './backlog.ts';
import type { Disk, Written } from './disk.ts';
import type { SealedTurn } from './protocol.ts';

export class Memory implements Disk {
  readonly #reason: string;
  readonly #charsMax: number;
  readonly #rows = new Map<string, OutboxRow>();
  #chars = 0;
  #turns = 0;

  /** @param reason why nothing is durable here. */
  constructor(reason: string, charsMax: number = backlogLimits.charsMax) {
    this.#reason = reason;
    this.#charsMax = charsMax;
  }

  write({ outbox, settle }: SealedTurn, meanwhile?: () => void): Written {
    this.#turns++;
    for (const row of outbox) this.add(row);
    for (const id of settle) this.#drop(id);
    meanwhile?.();
    return { durable: false, reason: this.#reason };
  }

  add(row: OutboxRow): void {
    this.#drop(row.id);
    this.#rows.set(row.id, row);
    this.#chars += charsOf(row);
    if (this.#chars > this.#charsMax) this.#shrink();
  }

  page(lane: Lane, afterSeq: number, limit: number): Promise<readonly OutboxRow[]> {
    const rows = [...this.#rows.values()].filter((row) => row.lane === lane && row.seq > afterSeq);
    return Promise.resolve(rows.sort((a, b) => a.seq - b.seq).slice(0, limit));
  }

  get figures() {
    return { behind: this.#turns, outboxRows: this.#rows.size, transactions: 0 };
  }

  close(): Promise<boolean> {
    return Promise.resolve(true);
  }

  #drop(id: string): void {
    const row = this.#rows.get(id);
    if (!row) return;
    this.#rows.delete(id);
    this.#chars -= charsOf(row);
  }

  /** To three quarters, so that it need not be done again for the next row. */
  #shrink(): void {
    const least = [...this.#rows.values()]
      .filter(({ lane }) => lane !== 'alarm')
      .sort((a, b) => priorities[b.lane] - priorities[a.lane] || a.seq - b.seq);
    for (const { id } of least) {
      if (this.#chars <= this.#charsMax * 0.75) return;
      this.#drop(id);
    }
  }
}

const charsOf = ({ id, payload }: OutboxRow): number => id.length + payload.length + 32;
