// What the loop and its worker say to each other. The order matters: the worker posts its result and
// then raises `cell.signal` and notifies; the loop reads the cell, posts, and waits for a change.

import type { MessagePort } from 'node:worker_threads';
import type { Lane } from '../core/message.ts';
import type { OutboxRow } from '../ports.ts';
import type { ChainAt } from './chain.ts';
import type { Salvage } from './salvage.ts';

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

/** Where the chain goes on after records that are no longer there: signed by the evidence key over
 * `checkpointText`. `pruned`: all up to `seq` were there and verified when they were dropped. `lost`: they
 * could not be read, and the hash is as it was found, in record `seq` or in the alarm journal. */
export interface Checkpoint extends ChainAt {
  readonly why: 'pruned' | 'lost';
  readonly alg: 'ed25519';
  readonly keyId: string;
  /** Base64. */
  readonly sig: string;
}

/** A damaged database was moved aside. */
export interface Replaced extends Salvage {
  /** What was found. */
  readonly why: string;
  /** Where it is kept. */
  readonly kept: string;
  /** Unique for ever. */
  readonly id: string;
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
  /** Signed positions to keep, by the key they have in `meta`. */
  readonly checkpoints?: readonly Checkpoint[];
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

/** A turn is about to come. Has no answer. */
export const rehearsal = 'rehearsal';

/** Over the sync port, loop to worker: JSON of `SealedTurn[]`, `rehearsal`, or null to close. */
export type Request = string | null;

/** Over the sync port, worker to loop. */
export type Result =
  | OpenedResult
  | {
      readonly kind: 'refused';
      readonly reason: string;
      /** Another daemon is at work in the directory. */
      readonly held: boolean;
    }
  | {
      readonly kind: 'done';
      readonly turn: number;
      readonly outboxRows: number;
      /** Rows that gave way because the database was full. */
      readonly dropped: number;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export interface OpenedResult {
  readonly kind: 'opened';
  /** Last turn on disk. */
  readonly turn: number;
  readonly chainSeq: number;
  readonly chainHash: string;
  readonly outboxRows: number;
  /** Highest number ever given to a row that is still there. */
  readonly outboxSeq: number;
  readonly entities: readonly EntityRow[];
  /** The oldest alarms of the outbox, as many as the alarm journal may hold. */
  readonly alarms: readonly OutboxRow[];
  readonly replaced: Replaced | null;
  /** False: made just now, and the disk had no room for its full size. */
  readonly reserved: boolean;
}

/** Over the page channel, both ways. */
export interface PageRequest {
  readonly ask: number;
  readonly lane: Lane;
  readonly afterSeq: number;
  readonly limit: number;
}
/** Over the page channel, too: a batch of pruning. */
export interface PruneRequest {
  /** Now, where the clock is good: without that nothing is old. */
  readonly wallMs: number | null;
  /** Signed, for the position that was wanted. */
  readonly checkpoint: Checkpoint | null;
}
export interface Pruned {
  /** Bodies that went. */
  readonly stubs: number;
  /** Records that went. */
  readonly dropped: number;
  /** A position to be signed, under which stubs can go. */
  readonly wants: ChainAt | null;
  /** There is more to do. */
  readonly more: boolean;
}
/** Records, newest first, for whoever exports a case; the answer to the first question has the
 * checkpoints, too. */
export interface RecordsRequest {
  readonly ask: number;
  /** Those of lower numbers; null: from the newest on. */
  readonly before: number | null;
  readonly limit: number;
}
export interface Records {
  readonly rows: readonly AuditRow[];
  readonly checkpoints: readonly Checkpoint[];
}
export interface RecordsResult extends Records {
  readonly ask: number;
  readonly error: string | null;
}
export interface PageResult {
  readonly ask: number;
  readonly rows: readonly OutboxRow[];
  readonly error: string | null;
}
