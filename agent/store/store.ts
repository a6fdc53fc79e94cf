// The store as the loop sees it: every durable change of a turn in one transaction, 200 ms of waiting
// at most. What the disk does not take is kept in order and written when it answers again; `store`
// then tells `storage.recovered`. Whoever commits tells `storage.failed`.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Fact } from '../core/fact.ts';
import type { Lane } from '../core/message.ts';
import type { Durable } from '../core/state.ts';
import type { Clock, Committed, OutboxRow, Sink, Store, StoreFigures, Turn } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { type Evidence, type EvidenceKey, loadEvidenceKey } from './evidence-key.ts';
import { reasonOf, StorageFault } from './fault.ts';
import { loadRows, type Unreadable } from './rows.ts';
import { Sealer, type Wire } from './seal.ts';
import { type OpenedResult, Writer, type WriterEvents } from './writer.ts';

export const databaseFile = 'gate.db';

/** The worker ended by itself; it is replaced, and the fault cleared when it has the database open. */
const threadFault = 'storage.thread';

/** The page cap is reached: telemetry and events give way, oldest first. */
const fullFault = 'storage.outbox-full';

const openMsDefault = 10_000;
const closeMsDefault = 3000;
const pageCapMbDefault = 128;
const walFramesDefault = 1200;

export interface SqliteStoreOptions {
  /** Directory of the database and the evidence key; made where it is missing. */
  readonly dir: string;
  /** Name of the terminal, as the signature of the chain's head says it. */
  readonly terminal: string;
  readonly clock: Clock;
  readonly wire: Wire;
  /** Size that the database is given at creation and never exceeds, MiB. */
  readonly pageCapMb?: number;
  readonly walFrames?: number;
  /** How long `commit` blocks at most. */
  readonly waitMs?: number;
  readonly openMs?: number;
  readonly closeMs?: number;
  readonly backlogCharsMax?: number;
}

export class SqliteStore implements Store {
  readonly #options: SqliteStoreOptions;
  #sink: Sink | null = null;
  #writer: Writer | null = null;
  #sealer: Sealer | null = null;
  #key: EvidenceKey | null = null;
  #turn = 0;
  #unreadable: readonly Unreadable[] = [];
  #stuck = false;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
  }

  /** Starts the worker, which takes some 80 ms; `open` does it where nobody did it before. */
  start(): void {
    if (this.#writer) return;
    const { dir, clock, waitMs = 200, backlogCharsMax } = this.#options;
    const { pageCapMb = pageCapMbDefault, walFrames = walFramesDefault } = this.#options;
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new StorageFault('failed', `cannot make ${dir}: ${reasonOf(cause)}`, { cause });
    }
    const file = join(dir, databaseFile);
    const limits = backlogCharsMax === undefined ? {} : { backlogCharsMax };
    const sizes = { pageCapMb, walFrames };
    this.#writer = new Writer({ file, sizes, clock, waitMs, ...limits }, this.#events());
    this.#writer.start();
  }

  open(sink: Sink): Durable {
    this.#sink = sink;
    this.start();
    assert(this.#writer);
    const { dir, terminal, wire, openMs = openMsDefault } = this.#options;
    // Read while the worker loads.
    const key = loadEvidenceKey(dir);
    const opened = openedOrThrow(this.#writer.opened(openMs), dir, openMs);
    const at = { seq: opened.chainSeq, hash: opened.chainHash };
    this.#key = key;
    this.#turn = opened.turn;
    this.#sealer = new Sealer({ terminal, key, wire, at });
    const { durable, unreadable } = loadRows(opened.entities);
    this.#unreadable = unreadable;
    return durable;
  }

  /** An empty turn is the probe: it overwrites one row. */
  commit(turn: Turn): Committed {
    assert(this.#writer && this.#sealer, 'the store is open');
    const sealed = this.#sealer.seal(this.#turn + 1, turn);
    this.#turn++;
    const { durable, reason } = this.#writer.write(sealed);
    return { durable, reason, rows: sealed.outbox };
  }

  page(lane: Lane, afterSeq: number, limit: number): Promise<readonly OutboxRow[]> {
    assert(this.#writer, 'the store is open');
    return this.#writer.pages.ask(lane, afterSeq, limit);
  }

  figures(): StoreFigures {
    assert(this.#writer && this.#sealer, 'the store is open');
    const { seq, hash } = this.#sealer.at;
    return { ...this.#writer.figures, chainSeq: seq, chainHash: hash };
  }

  /** Key that signs the chain, for the birth message. */
  get evidence(): Evidence {
    assert(this.#key, 'the store is open');
    const { alg, keyId, publicKey } = this.#key;
    return { alg, keyId, publicKey };
  }

  /** Rows that were there at `open` and could not be understood; they are left as they are. */
  get unreadable(): readonly Unreadable[] {
    return this.#unreadable;
  }

  /** After `close`: an fsync did not return, and only SIGKILL ends this process. */
  get stuck(): boolean {
    return this.#stuck;
  }

  /** Finishes what is in hand; returns after `closeMs` whatever the disk does. */
  async close(): Promise<void> {
    const { closeMs = closeMsDefault } = this.#options;
    if (!this.#writer) return;
    this.#stuck = !(await this.#writer.close(closeMs));
  }

  /** Ends the worker as a crash would: for tests. */
  async crashWorker(): Promise<void> {
    await this.#writer?.link?.crash();
  }

  #events(): WriterEvents {
    const emit = (fact: Fact) => this.#sink?.emit(fact);
    const lostRows = (rows: number) =>
      `the database is full: ${rows} rows of telemetry and events gave way, more may follow; ` +
      'restore the link to the platform';
    return {
      recovered: () => emit({ kind: 'storage.recovered' }),
      lost: (detail) => emit({ kind: 'fault.raised', fault: threadFault, detail }),
      back: () => emit({ kind: 'fault.cleared', fault: threadFault }),
      full: (rows) => emit({ kind: 'fault.raised', fault: fullFault, detail: lostRows(rows) }),
      roomy: () => emit({ kind: 'fault.cleared', fault: fullFault }),
    };
  }
}

function openedOrThrow(result: OpenedResult | null, dir: string, openMs: number) {
  if (result === null) {
    throw new StorageFault('hanging', `${dir}: the database was not open in ${openMs} ms`);
  }
  if (result.kind === 'opened') return result;
  if (result.fields) throw new Refusal(result.fields, 'database');
  throw new StorageFault(result.trouble, result.reason);
}
