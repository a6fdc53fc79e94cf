// The store in a storm: a database in memory that can hang, fail and be cut off, and beside it the alarm
// journal, put together from the real parts (Sealer, Holdings, begin) as store/store.ts does it. A disk
// that hangs takes the journal with it; one that refuses commits does not.

import { generateKeyPairSync } from 'node:crypto';
import type { Lane } from '#agent/core/message.ts';
import type { Durable } from '#agent/core/state.ts';
import type { Clock, Committed, OutboxRow, Sink, Store, Turn } from '#agent/ports.ts';
import { begin } from '#agent/store/begin.ts';
import { type ChainAt, genesis } from '#agent/store/chain.ts';
import { evidenceKeyOf } from '#agent/store/evidence-key.ts';
import { Holdings } from '#agent/store/holdings.ts';
import { Owed } from '#agent/store/owed.ts';
import type {
  AuditRow,
  Checkpoint,
  EntityRow,
  Replaced,
  SealedTurn,
} from '#agent/store/protocol.ts';
import { nothing } from '#agent/store/salvage.ts';
import { Sealer, type Wire } from '#agent/store/seal.ts';
import { parseSnapshot } from '#agent/store/snapshot.ts';

/** As the journal has them. */
const soonMs = 10;
const lazyMs = 1_000;
/** Room for all that a storm can raise: what happens beyond it is the journal's own test. */
const journalBytes = 16 * 1024 * 1024;

interface Process {
  readonly clock: Clock;
  readonly sink: Sink;
  readonly sealer: Sealer;
  readonly holdings: Holdings;
  readonly owed: Owed;
  /** Last turn given out. */
  turn: number;
  behind: boolean;
  flushAtMs: number | null;
  stopFlush: () => void;
}

export class StormStore implements Store {
  /** The next death takes the database with it, where the journal is flushed. */
  ruined = false;
  /** The next so many commits fail; the one after them takes everything. */
  failNext = 0;
  readonly key = evidenceKeyOf(generateKeyPairSync('ed25519').privateKey);
  readonly audit: AuditRow[] = [];
  readonly checkpoints: Checkpoint[] = [];
  /** Last turn in the database, and in the journal. */
  diskTurn = 0;
  journalTurn = 0;
  readonly #terminal: string;
  readonly #wire: Wire;
  readonly #entities = new Map<string, EntityRow>();
  readonly #outbox = new Map<string, OutboxRow>();
  #journal = '';
  #hanging = false;
  #flushOwed = false;
  #backlog: SealedTurn[] = [];
  #replaced: Replaced | null = null;
  #ruins = 0;
  #process: Process | null = null;

  constructor(options: { readonly terminal: string; readonly wire: Wire }) {
    this.#terminal = options.terminal;
    this.#wire = options.wire;
  }

  /** There is nothing to get ready here. */
  expectTurn(): void {
    return;
  }

  /** Whose timers the journal uses; set before `open`. */
  clock: Clock | null = null;

  set hanging(hanging: boolean) {
    this.#hanging = hanging;
    if (hanging || !this.#process) return;
    this.#write();
    if (this.#flushOwed) this.#flush();
  }

  open(sink: Sink): Durable {
    if (!this.clock) throw new Error('no clock');
    const alarms = [...this.#outbox.values()].filter(({ lane }) => lane === 'alarm');
    const { seq: chainSeq, hash: chainHash } = this.#chain();
    const opened = {
      ...({ kind: 'opened', turn: this.diskTurn, chainSeq, chainHash, alarms } as const),
      outboxRows: this.#outbox.size,
      outboxSeq: Math.max(0, ...[...this.#outbox.values()].map(({ seq }) => seq)),
      entities: [...this.#entities.values()],
      replaced: this.#replaced,
      reserved: true,
    };
    this.#replaced = null;
    const { durable, turn, chain, lost, replay } = begin(opened, parseSnapshot(this.#journal));
    const { key } = this;
    const sealer = new Sealer({ terminal: this.#terminal, key, wire: this.#wire, at: chain });
    const holdings = new Holdings();
    holdings.at = { turn, chain };
    holdings.adopt(durable, alarms);
    const still = { owed: new Owed(), behind: false, flushAtMs: null, stopFlush: () => {} };
    this.#process = { clock: this.clock, sink, sealer, holdings, turn, ...still };
    this.#flushIn(soonMs);
    if (replay.entities.length + replay.outbox.length + lost.length > 0) {
      const checkpoints = lost.map((at) => sealer.checkpoint('lost', at));
      this.#process.turn += 1;
      const sealed = { turn: turn + 1, ...replay, audit: [], settle: [], checkpoints };
      const { durable: written } = this.#commit(this.#process, sealed);
      if (!written) this.#process.owed.take(replay.outbox);
    }
    return durable;
  }

  commit(turn: Turn): Committed {
    if (!this.#process) throw new Error('the store is not open');
    this.#process.turn += 1;
    this.#process.owed.settle(turn.settle);
    return this.#commit(this.#process, this.#process.sealer.seal(this.#process.turn, turn));
  }

  page(lane: Lane, afterSeq: number, limit: number): Promise<readonly OutboxRow[]> {
    const rows = [...this.#outbox.values()]
      .filter((row) => row.lane === lane && row.seq > afterSeq)
      .sort((a, b) => a.seq - b.seq)
      .slice(0, limit);
    const owed = this.#process?.owed ?? new Owed();
    return Promise.resolve(owed.among(rows, lane, afterSeq, limit));
  }

  figures() {
    const { seq, hash } = this.#process?.sealer.at ?? genesis;
    const behind = this.#backlog.length;
    const outboxRows = this.#outbox.size;
    return { outboxRows, transactions: 0, chainSeq: seq, chainHash: hash, behind };
  }

  /** Last turn that a process has given out. */
  get lastTurn(): number {
    return this.#process?.turn ?? 0;
  }

  close(): Promise<void> {
    if (!this.#hanging) {
      this.#write();
      this.#flush();
    }
    return Promise.resolve();
  }

  /** Messages without a receipt that the next process will find. */
  get waiting(): Set<string> {
    const told = this.journalTurn > this.diskTurn ? parseSnapshot(this.#journal)?.alarms : [];
    return new Set([...this.#outbox.keys(), ...(told ?? []).map(({ id }) => id)]);
  }

  /** SIGKILL: what was nowhere on disk is gone, but for the first `written` turns, which a disk that
   * hung had written without saying so. True where the database is gone, too. */
  crash(written = 0): boolean {
    const isFlushed =
      this.#process?.flushAtMs === null && !this.#flushOwed && this.#backlog.length === 0;
    const isGone = this.ruined && isFlushed;
    this.ruined = false;
    if (isGone) this.#lose();
    for (const turn of this.#backlog.slice(0, written)) this.#apply(turn);
    this.#backlog = [];
    this.#process?.stopFlush();
    this.#process = null;
    this.#flushOwed = false;
    return isGone;
  }

  #lose(): void {
    this.diskTurn = 0;
    this.#entities.clear();
    this.#outbox.clear();
    this.audit.length = 0;
    this.checkpoints.length = 0;
    this.#replaced = { ...nothing, why: 'ruined', kept: 'gate.db.broken', id: `r${this.#ruins++}` };
  }

  #commit(process: Process, sealed: SealedTurn): Committed {
    this.#backlog.push(sealed);
    const reason = this.#hanging ? 'the disk has not answered in 200 ms' : this.#refuses();
    const durable = reason === null;
    if (durable) this.#write();
    else process.behind = true;
    const news = process.holdings.note(sealed, durable);
    if (news === 'alarm') this.#flushIn(durable ? soonMs : 0);
    else if (news === 'progress') this.#flushIn(lazyMs);
    return { durable, reason, rows: sealed.outbox };
  }

  #refuses(): string | null {
    if (this.failNext === 0) return null;
    this.failNext -= 1;
    return 'SQLITE_FULL: database or disk is full';
  }

  #write(): void {
    for (const turn of this.#backlog) this.#apply(turn);
    this.#backlog = [];
    const process = this.#process;
    if (!process?.behind) return;
    process.behind = false;
    process.holdings.durable();
    process.owed.take([]);
    this.#flushIn(lazyMs);
    process.sink.emit({ kind: 'storage.recovered' });
  }

  #apply({ turn, entities, audit, outbox, settle, checkpoints = [] }: SealedTurn): void {
    this.diskTurn = turn;
    for (const row of entities) {
      const key = JSON.stringify([row[0], row[1]]);
      if (row[2] === null) this.#entities.delete(key);
      else this.#entities.set(key, row);
    }
    this.audit.push(...audit);
    this.checkpoints.push(...checkpoints);
    for (const row of outbox) if (!this.#outbox.has(row.id)) this.#outbox.set(row.id, row);
    for (const id of settle) this.#outbox.delete(id);
  }

  #flushIn(ms: number): void {
    const process = this.#process;
    if (!process) return;
    const atMs = process.clock.now().monoMs + ms;
    if (process.flushAtMs !== null && process.flushAtMs <= atMs) return;
    process.stopFlush();
    process.flushAtMs = atMs;
    process.stopFlush = process.clock.after(ms, () => {
      process.flushAtMs = null;
      this.#flush();
    });
  }

  #flush(): void {
    const process = this.#process;
    this.#flushOwed = this.#hanging;
    if (!process || this.#hanging) return;
    this.#journal = process.holdings.snapshot(journalBytes);
    this.journalTurn = process.holdings.at.turn;
  }

  #chain(): ChainAt {
    return [genesis, ...this.checkpoints, ...this.audit].reduce((a, b) => (b.seq > a.seq ? b : a));
  }
}
