// Turns that are not known to be on disk, in order. Usually one for a few hundred microseconds; all
// that happens while the disk is full, hanging or gone.
// At the bound: telemetry rows go, bodies of records become stubs (their hashes stay, the chain still
// verifies), then event rows and stubs go (the verifier names the gap). An alarm never goes.

import type { OutboxRow } from '../ports.ts';
import type { ChainAt } from './chain.ts';
import type { EntityRow, SealedTurn } from './protocol.ts';

export const backlogLimits = {
  /** Characters of JSON kept. */
  charsMax: 8 * 1024 * 1024,
  batchTurnsMax: 256,
} as const;

export class Backlog {
  readonly #charsMax: number;
  #turns: SealedTurn[] = [];
  #chars = 0;
  /** Turns up to here have been posted and may be on disk. */
  #posted = 0;

  constructor(charsMax: number = backlogLimits.charsMax) {
    this.#charsMax = charsMax;
  }

  get turns(): number {
    return this.#turns.length;
  }

  /** Rows of the outbox among them. */
  get rows(): number {
    return this.#turns.reduce((sum, { outbox }) => sum + outbox.length, 0);
  }

  /** The first record among them. */
  get firstRecord(): ChainAt | null {
    const [first] = this.#turns.flatMap(({ audit }) => audit.slice(0, 1));
    return first ? { seq: first.seq, hash: first.hash } : null;
  }

  add(sealed: SealedTurn): void {
    this.#turns.push(sealed);
    this.#chars += charsOf(sealed);
    if (this.#chars > this.#charsMax) this.#shrink();
  }

  /** The oldest turns, to be posted now. */
  take(): readonly SealedTurn[] {
    const batch = this.#turns.slice(0, backlogLimits.batchTurnsMax);
    this.#posted = batch.at(-1)?.turn ?? this.#posted;
    return batch;
  }

  /** Everything up to `turn` is on disk, and nothing after it. */
  confirm(turn: number): void {
    const done = this.#turns.filter((sealed) => sealed.turn <= turn);
    this.#turns = this.#turns.slice(done.length);
    this.#chars -= done.reduce((sum, sealed) => sum + charsOf(sealed), 0);
    this.returned();
  }

  /** What was posted has not been written. */
  returned(): void {
    this.#posted = 0;
  }

  /** Folds what has not been posted: a turn that may be on disk keeps its number and content. */
  #shrink(): void {
    const fixed = this.#turns.filter(({ turn }) => turn <= this.#posted);
    const loose = this.#turns.slice(fixed.length);
    if (loose.length === 0) return;
    let folded = fold(loose);
    if (charsOf(folded) > this.#charsMax * 0.75) {
      folded = { ...folded, audit: [], outbox: folded.outbox.filter(isAlarm) };
    }
    this.#turns = [...fixed, folded];
    this.#chars = this.#turns.reduce((sum, sealed) => sum + charsOf(sealed), 0);
  }
}

const isAlarm = ({ lane }: OutboxRow): boolean => lane === 'alarm';

/** One turn with the effect of them all, under the last one's number. */
export function fold(turns: readonly SealedTurn[]): SealedTurn {
  const entities = new Map<string, EntityRow>();
  for (const row of turns.flatMap((turn) => turn.entities)) {
    entities.set(JSON.stringify([row[0], row[1]]), row);
  }
  const settled = new Set(turns.flatMap(({ settle }) => settle));
  const enqueued = turns.flatMap(({ outbox }) => outbox);
  const ours = new Set(enqueued.map(({ id }) => id));
  return {
    turn: turns.at(-1)?.turn ?? 0,
    entities: [...entities.values()],
    audit: turns.flatMap(({ audit }) => audit.map((row) => ({ ...row, body: null }))),
    outbox: enqueued.filter(({ id, lane }) => !settled.has(id) && lane !== 'telemetry'),
    settle: [...settled].filter((id) => !ours.has(id)),
  };
}

/** Roughly what a turn takes as JSON. */
export function charsOf({ entities, audit, outbox, settle }: SealedTurn): number {
  let chars = 64 + settle.reduce((sum, id) => sum + id.length, 0);
  for (const [, id, body] of entities) chars += id.length + (body?.length ?? 0) + 16;
  for (const { body } of audit) chars += 300 + (body?.length ?? 0);
  for (const { id, payload } of outbox) chars += id.length + payload.length + 32;
  return chars;
}
