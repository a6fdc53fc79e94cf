// What the loop and its worker say to each other. The order matters: the worker posts its result and
// then raises `cell.signal` and notifies; the loop reads the cell, posts, and waits for a change.

import type { MessagePort } from 'node:worker_threads';
import type { Lane } from '../core/message.ts';
import type { OutboxRow } from '../ports.ts';
import type { BadField } from '../refusal.ts';

/** Cells of the shared Int32Array. */
export const cell = { signal: 0, gone: 1 } as const;
export const cells = 2;

/** A record of the hash chain. `body` is null once it has been pruned to a stub. */
export interface AuditRow {
  readonly seq: number;
  readonly kind: string;
  readonly wallMs: number;
  readonly monoMs: number;
  readonly bootId: string;
  readonly body: string | null;
  readonly bodyHash: string;
  readonly hash: string;
}

/** Table, id, JSON of the entity; null deletes the row. */
export type EntityRow = readonly [table: string, id: string, body: string | null];

/** A turn with its final bytes. `turn` rises by one and is settled with everything else in it. */
export interface SealedTurn {
  readonly turn: number;
  readonly entities: readonly EntityRow[];
  readonly audit: readonly AuditRow[];
  readonly outbox: readonly OutboxRow[];
  readonly settle: readonly string[];
}

export interface WorkerStart {
  readonly port: MessagePort;
  readonly pages: MessagePort;
  readonly cells: Int32Array;
  readonly file: string;
  readonly sizes: Sizes;
}

/** How large the database is made at creation, and may become. */
export interface Sizes {
  /** `max_page_count`, MiB; as much is written at creation, so that the disk cannot be full later. */
  readonly pageCapMb: number;
  /** Frames written to the WAL at creation, so that commits overwrite blocks the file system knows. */
  readonly walFrames: number;
}

/** Over the sync port, loop to worker: JSON of `SealedTurn[]`, or null to close. */
export type Request = string | null;

/** Over the sync port, worker to loop. */
export type Result =
  | {
      readonly kind: 'opened';
      /** Last turn on disk. */
      readonly turn: number;
      readonly chainSeq: number;
      readonly chainHash: string;
      readonly outboxRows: number;
      readonly entities: readonly EntityRow[];
    }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly trouble: 'failed' | 'corrupt';
      /** Set where the database was refused as bad input. */
      readonly fields: readonly BadField[] | null;
    }
  | {
      readonly kind: 'done';
      readonly turn: number;
      readonly outboxRows: number;
      /** Rows that gave way because the database was full. */
      readonly dropped: number;
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** Over the page channel, both ways. */
export interface PageRequest {
  readonly ask: number;
  readonly lane: Lane;
  readonly afterSeq: number;
  readonly limit: number;
}
export interface PageResult {
  readonly ask: number;
  readonly rows: readonly OutboxRow[];
  readonly error: string | null;
}
