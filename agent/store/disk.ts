// What stands behind the store: the worker with its database, or memory where there is none.

import type { Lane } from '../core/message.ts';
import type { Clock, OutboxRow } from '../ports.ts';
import type { OpenedResult, Result, SealedTurn, Sizes } from './protocol.ts';

export interface WriterOptions {
  readonly file: string;
  readonly sizes: Sizes;
  readonly clock: Clock;
  /** How long `write` and `opened` may block. */
  readonly waitMs: number;
  readonly backlogCharsMax?: number;
}

export interface WriterEvents {
  /** Everything is on disk again. */
  recovered(): void;
  /** The worker has ended by itself, and is being replaced. */
  lost(reason: string): void;
  /** Its replacement has the database open. */
  back(): void;
  /** The database is full: so many rows of telemetry and events were given up. */
  full(dropped: number): void;
  /** Half of the outbox is done since. */
  roomy(): void;
  /** The database was found damaged at work, moved aside and salvaged: rows may be missing. */
  replaced(opened: OpenedResult): void;
}

/** What the worker says first. */
export type First = Extract<Result, { kind: 'opened' | 'refused' }>;

export interface Written {
  readonly durable: boolean;
  readonly reason: string | null;
}

/** Where sealed turns go and rows of the outbox are read. */
export interface Disk {
  /** `meanwhile` is called before it is waited for. */
  write(sealed: SealedTurn, meanwhile?: () => void): Written;
  page(lane: Lane, afterSeq: number, limit: number): Promise<readonly OutboxRow[]>;
  readonly figures: {
    readonly behind: number;
    readonly outboxRows: number;
    readonly transactions: number;
  };
  /** False where it did not come to an end in `ms`. */
  close(ms: number): Promise<boolean>;
}
