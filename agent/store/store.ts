// The store as the loop sees it: every durable change of a turn in one transaction, 200 ms of waiting
// at most. What the disk does not take is kept in order and written when it answers again; `store`
// then tells `storage.recovered`. Whoever commits tells `storage.failed`.
// It always opens: what a disk can do wrong is told as a fault, and stops no alarm. Only where another
// daemon is at work in its directory it throws a `Refusal`.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Fact } from '../core/fact.ts';
import type { Lane } from '../core/message.ts';
import type { Durable } from '../core/state.ts';
import type { Clock, Committed, OutboxRow, Sink, Store, StoreFigures, Turn } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { type Beginning, begin, beginFromJournal } from './begin.ts';
import type { Disk, WriterEvents } from './disk.ts';
import { type KeyInUse, loadEvidenceKey } from './evidence-key.ts';
import { reasonOf, StorageFault } from './fault.ts';
import { Housekeeping } from './housekeeping.ts';
import { Journal, journalFile } from './journal.ts';
import { Memory } from './memory.ts';
import { Owed } from './owed.ts';
import type { OpenedResult, Records, SealedTurn } from './protocol.ts';
import { Sealer, type Wire } from './seal.ts';
import * as words from './words.ts';
import { Writer } from './writer.ts';

export const databaseFile = 'gate.db';

const openMsDefault = 10_000;
const closeMsDefault = 3000;
const pageCapMbDefault = 128;
const walFramesDefault = 1200;

export interface SqliteStoreOptions {
  /** Directory of the database and the evidence key; made where it is missing. */
  readonly dir: string;
  readonly sealedKeyFile?: string | null;
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
  /** The rows are another machine's, which may have gone on since. */
  readonly isTakenOver?: boolean;
  /** Between two batches of pruning. */
  readonly prunePauseMs?: number;
}

export class SqliteStore implements Store {
  readonly #options: SqliteStoreOptions;
  readonly #journal: Journal;
  readonly #owed = new Owed();
  #sink: Sink | null = null;
  /** Null where its directory cannot be made. */
  #writer: Writer | null = null;
  #noPlace: string | null = null;
  #disk: Disk | null = null;
  #sealer: Sealer | null = null;
  #key: KeyInUse | null = null;
  #housekeeping: Housekeeping | null = null;
  #turn = 0;
  #stuck = false;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
    const { dir, clock } = options;
    this.#journal = new Journal({ file: join(dir, journalFile), clock }, this.#journalEvents());
  }

  /** Starts the worker, which takes some 80 ms; `open` does it where nobody did it before. */
  start(): void {
    if (this.#writer || this.#noPlace !== null) return;
    const { dir, clock, waitMs = 200, backlogCharsMax } = this.#options;
    const { pageCapMb = pageCapMbDefault, walFrames = walFramesDefault } = this.#options;
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    } catch (cause) {
      this.#noPlace = `cannot make ${dir}: ${reasonOf(cause)}`;
      return;
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
    // Read while the worker loads.
    const { key, problem } = loadEvidenceKey(this.#options.dir, this.#options.sealedKeyFile);
    const snapshot = this.#journal.read();
    this.#key = key;
    if (problem) this.#raise(words.faults.key, problem);
    const opened = this.#opened();
    if (typeof opened === 'string') return this.#fromMemory(opened, beginFromJournal(snapshot));
    return this.#fromDatabase(opened, begin(opened, snapshot, this.#options.isTakenOver));
  }

  /** Its code and pages have gone cold since the last one; warm, the commit is 0.2 ms shorter. */
  expectTurn(): void {
    if (this.#disk === this.#writer) this.#writer?.rehearse();
  }

  /** An empty turn is the probe: it overwrites one row. */
  commit(turn: Turn, meanwhile?: (rows: readonly OutboxRow[]) => void): Committed {
    assert(this.#disk && this.#sealer, 'the store is open');
    const sealed = this.#sealer.seal(this.#turn + 1, turn);
    this.#turn++;
    const { durable, reason } = this.#disk.write(sealed, () => meanwhile?.(sealed.outbox));
    this.#journal.note(sealed, durable);
    this.#owed.settle(turn.settle);
    if (durable) this.#housekeeping?.turned();
    return { durable, reason, rows: sealed.outbox };
  }

  async page(lane: Lane, afterSeq: number, limit: number): Promise<readonly OutboxRow[]> {
    assert(this.#disk, 'the store is open');
    const page = await this.#disk.page(lane, afterSeq, limit);
    return this.#owed.among(page, lane, afterSeq, limit);
  }

  figures(): StoreFigures {
    assert(this.#disk && this.#sealer, 'the store is open');
    const { seq, hash } = this.#sealer.at;
    const { behind, ...figures } = this.#disk.figures;
    const waiting = this.#stuck ? Math.max(1, behind) : behind;
    return { ...figures, behind: waiting, chainSeq: seq, chainHash: hash };
  }

  /** Key that signs the chain. */
  get evidence(): KeyInUse {
    assert(this.#key, 'the store is open');
    return this.#key;
  }

  /** By the evidence key, base64. */
  sign = (text: string): string => this.#key?.sign(text) ?? '';

  /** On disk, newest first: before that one, or from the newest on. Rejects where there is no database. */
  async records(before: number | null, limit: number): Promise<Records> {
    if (this.#disk instanceof Writer) return this.#disk.pages.records(before, limit);
    throw new StorageFault('failed', 'the records are in memory alone');
  }

  /** After `close`: an fsync did not return, and only SIGKILL ends this process. */
  get stuck(): boolean {
    return this.#stuck;
  }

  /** Finishes what is in hand; returns after `closeMs` whatever the disk does. */
  async close(): Promise<void> {
    const { closeMs = closeMsDefault } = this.#options;
    const disk = this.#disk ?? this.#writer;
    this.#housekeeping?.close();
    const ended = await Promise.all([disk?.close(closeMs), this.#journal.close(closeMs)]);
    this.#stuck = ended.includes(false);
  }

  /** Ends the worker as a crash would: for tests. */
  async crashWorker(): Promise<void> {
    await this.#writer?.link?.crash();
  }

  /** What the worker says, or why nothing can be expected of it. */
  #opened(): OpenedResult | string {
    const { dir, openMs = openMsDefault } = this.#options;
    if (!this.#writer) return this.#noPlace ?? '';
    const first = this.#writer.opened(openMs);
    if (first?.kind === 'opened') return first;
    this.#writer.abandon();
    if (first?.held)
      throw new Refusal([{ field: 'data.dir', value: dir, hint: first.reason }], 'data directory');
    return first?.reason ?? `${dir}: the database was not open in ${openMs} ms`;
  }

  #fromMemory(reason: string, beginning: Beginning): Durable {
    const memory = new Memory(reason, this.#options.backlogCharsMax);
    for (const row of beginning.replay.outbox) memory.add(row);
    this.#disk = memory;
    this.#begin(beginning, beginning.replay.outbox);
    this.#raise(words.faults.database, words.memoryText(reason));
    return beginning.durable;
  }

  #fromDatabase(opened: OpenedResult, beginning: Beginning): Durable {
    assert(this.#writer);
    this.#disk = this.#writer;
    this.#keepHouse(this.#writer);
    const sealer = this.#begin(beginning, opened.alarms);
    const { replay, lost, behind, head } = beginning;
    if (replay.entities.length + replay.outbox.length + lost.length > 0) {
      const checkpoints = lost.map((at) => sealer.checkpoint('lost', at));
      this.#turn++;
      const sealed: SealedTurn = {
        turn: this.#turn,
        ...replay,
        audit: [],
        settle: [],
        checkpoints,
      };
      const { durable } = this.#writer.write(sealed);
      if (!durable) this.#owed.take(replay.outbox);
      this.#journal.note(sealed, durable);
    }
    const { faults } = words;
    if (opened.replaced) this.#raise(faults.database, words.replacedText(opened.replaced, head));
    else if (behind > 0) {
      this.#raise(faults.behind, words.behindText(behind, head));
      this.#emit({ kind: 'fault.cleared', fault: faults.behind });
    }
    if (!opened.reserved)
      this.#raise(faults.reserve, words.reserveText(this.#options.pageCapMb ?? pageCapMbDefault));
    return beginning.durable;
  }

  #keepHouse({ pages }: Writer): void {
    const housekeeping = new Housekeeping({
      clock: this.#options.clock,
      quiet: () => !this.#journal.holdings.open && this.figures().behind === 0,
      sign: (at) => {
        assert(this.#sealer, 'the store is open');
        return this.#sealer.checkpoint('pruned', at);
      },
      ask: (request) => pages.prune(request),
      pauseMs: this.#options.prunePauseMs,
    });
    pages.onPruned = housekeeping.pruned;
    this.#housekeeping = housekeeping;
  }

  #begin(beginning: Beginning, alarms: readonly OutboxRow[]): Sealer {
    assert(this.#key);
    const { durable, unreadable, turn, chain } = beginning;
    const { terminal, wire } = this.#options;
    const sealer = new Sealer({ terminal, key: this.#key, wire, at: chain });
    this.#sealer = sealer;
    this.#turn = turn;
    this.#journal.begin({ turn, chain }, durable, alarms);
    for (const row of unreadable) this.#emit({ kind: 'record.unreadable', ...row });
    return sealer;
  }

  /** At work: everything the loop knows is written again, since nobody can say what is missing. */
  #replaced({ replaced, chainSeq, chainHash }: OpenedResult): void {
    const { seq, hash } = this.#sealer?.at ?? { seq: 0, hash: '' };
    assert(replaced && this.#writer && this.#sealer);
    const behind = this.#writer.firstBehind;
    const goesOn = behind ? behind.seq === chainSeq + 1 : hash === chainHash;
    const lost = [...replaced.anchors, ...(goesOn ? [] : [behind ?? { seq, hash }])];
    const { entities, alarms } = this.#journal.holdings.rows();
    this.#turn++;
    this.#writer.post({
      ...{ turn: this.#turn, entities, outbox: alarms, audit: [], settle: [] },
      checkpoints: lost.map((at) => this.#sealer?.checkpoint('lost', at)).filter((at) => !!at),
    });
    this.#raise(words.faults.database, words.replacedText(replaced, { seq, hash }));
  }

  #events(): WriterEvents {
    const { thread, full } = words.faults;
    return {
      recovered: () => {
        this.#journal.durable();
        this.#owed.take([]);
        this.#emit({ kind: 'storage.recovered' });
      },
      lost: (reason) => this.#raise(thread, reason),
      back: () => this.#emit({ kind: 'fault.cleared', fault: thread }),
      full: (rows) => this.#raise(full, words.fullText(rows)),
      roomy: () => this.#emit({ kind: 'fault.cleared', fault: full }),
      replaced: (opened) => this.#replaced(opened),
    };
  }

  #journalEvents() {
    const { journal } = words.faults;
    return {
      failed: (reason: string) => this.#raise(journal, words.journalText(reason)),
      back: () => this.#emit({ kind: 'fault.cleared', fault: journal }),
    };
  }

  #raise(fault: string, detail: string): void {
    this.#emit({ kind: 'fault.raised', fault, detail });
  }

  #emit(fact: Fact): void {
    this.#sink?.emit(fact);
  }
}
