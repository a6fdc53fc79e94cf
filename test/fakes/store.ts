// A store in memory: seals like the real one, and can fail, hang and be crashed. What is "on disk"
// survives a crash of the terminal; what was behind is lost with it. Open the same object again.

import { generateKeyPairSync } from 'node:crypto';
import type { Lane } from '#agent/core/message.ts';
import type { Durable } from '#agent/core/state.ts';
import type { Committed, OutboxRow, Sink, Store, StoreFigures, Turn } from '#agent/ports.ts';
import { genesis } from '#agent/store/chain.ts';
import { type Evidence, evidenceKeyOf } from '#agent/store/evidence-key.ts';
import type { AuditRow, EntityRow, SealedTurn } from '#agent/store/protocol.ts';
import { loadRows } from '#agent/store/rows.ts';
import { Sealer, type Wire } from '#agent/store/seal.ts';

export class MemoryStore implements Store {
  /** The next so many commits fail; the one after them takes everything. */
  failNext = 0;
  readonly key = evidenceKeyOf(generateKeyPairSync('ed25519').privateKey);
  readonly audit: AuditRow[] = [];
  readonly #terminal: string;
  readonly #wire: Wire;
  readonly #entities = new Map<string, EntityRow>();
  readonly #outbox = new Map<string, OutboxRow>();
  #hanging = false;
  #behind = false;
  #backlog: SealedTurn[] = [];
  #sealer: Sealer | null = null;
  #sink: Sink | null = null;
  #turn = 0;
  #transactions = 0;

  constructor(options: { readonly terminal: string; readonly wire: Wire }) {
    this.#terminal = options.terminal;
    this.#wire = options.wire;
  }

  get hanging(): boolean {
    return this.#hanging;
  }

  /** While true every commit runs into its time-out; false writes what has piled up. */
  set hanging(hanging: boolean) {
    this.#hanging = hanging;
    if (!hanging) this.#write();
  }

  get evidence(): Evidence {
    const { alg, keyId, publicKey } = this.key;
    return { alg, keyId, publicKey };
  }

  open(sink: Sink): Durable {
    this.#sink = sink;
    const { seq, hash } = this.audit.at(-1) ?? genesis;
    const at = { seq, hash };
    this.#sealer = new Sealer({ terminal: this.#terminal, key: this.key, wire: this.#wire, at });
    const { durable, unreadable } = loadRows([...this.#entities.values()]);
    for (const row of unreadable) sink.emit({ kind: 'record.unreadable', ...row });
    return durable;
  }

  /** There is nothing to get ready here. */
  expectTurn(): void {
    return;
  }

  commit(turn: Turn, meanwhile?: (rows: readonly OutboxRow[]) => void): Committed {
    if (!this.#sealer) throw new Error('the store is not open');
    const sealed = this.#sealer.seal(++this.#turn, turn);
    this.#backlog.push(sealed);
    const rows = sealed.outbox;
    meanwhile?.(rows);
    if (this.#hanging) return this.#late('the disk has not answered in 200 ms', rows);
    if (this.failNext > 0) {
      this.failNext--;
      return this.#late('SQLITE_FULL: database or disk is full', rows);
    }
    this.#write();
    return { durable: true, reason: null, rows };
  }

  page(lane: Lane, afterSeq: number, limit: number): Promise<readonly OutboxRow[]> {
    const rows = [...this.#outbox.values()]
      .filter((row) => row.lane === lane && row.seq > afterSeq)
      .sort((a, b) => a.seq - b.seq)
      .slice(0, limit);
    return Promise.resolve(rows);
  }

  figures(): StoreFigures {
    const { seq, hash } = this.#sealer?.at ?? genesis;
    const waiting = this.#backlog.reduce((sum, { outbox }) => sum + outbox.length, 0);
    return {
      outboxRows: this.#outbox.size + waiting,
      transactions: this.#transactions,
      chainSeq: seq,
      chainHash: hash,
      behind: this.#backlog.length,
    };
  }

  close(): Promise<void> {
    if (!this.#hanging && this.#backlog.length > 0) this.#write();
    return Promise.resolve();
  }

  /** SIGKILL: what was not on disk is gone. */
  crash(): void {
    this.#backlog = [];
    this.#behind = false;
    this.#sealer = null;
    this.#sink = null;
  }

  /** Puts bytes into a row as a bad disk would. */
  spoil(table: string, id: string, body: string): void {
    this.#entities.set(JSON.stringify([table, id]), [table, id, body]);
  }

  #late(reason: string, rows: readonly OutboxRow[]): Committed {
    this.#behind = true;
    return { durable: false, reason, rows };
  }

  #write(): void {
    for (const turn of this.#backlog) this.#apply(turn);
    if (this.#backlog.length > 0) this.#transactions++;
    this.#backlog = [];
    if (!this.#behind) return;
    this.#behind = false;
    this.#sink?.emit({ kind: 'storage.recovered' });
  }

  #apply({ entities, audit, outbox, settle }: SealedTurn): void {
    for (const row of entities) {
      const key = JSON.stringify([row[0], row[1]]);
      if (row[2] === null) this.#entities.delete(key);
      else this.#entities.set(key, row);
    }
    this.audit.push(...audit);
    for (const row of outbox) this.#outbox.set(row.id, row);
    for (const id of settle) this.#outbox.delete(id);
  }
}
