// The loop: facts -> step -> commit -> want. Owns the state, the queue of facts and the one
// decision timer. Drivers are told what is wanted only after the commit has returned or failed.

import { type Fact, isEdge, type Now } from './core/fact.ts';
import type { Setup } from './core/setup.ts';
import {
  emptyDurable,
  initialState,
  type Moment,
  momentOf,
  type State,
  tableNames,
} from './core/state.ts';
import { isRecord, type Stepped, step } from './core/step.ts';
import type { Wanted } from './core/target.ts';
import { wanted } from './core/wanted.ts';
import type {
  Certificates,
  Clock,
  Committed,
  Dome,
  Exporter,
  Ids,
  Inputs,
  Lamp,
  Machine,
  Media,
  OutboxRow,
  Patrol,
  Sink,
  Store,
  Strobe,
  Turn,
  Updates,
  Uplink,
} from './ports.ts';

export interface Parts {
  readonly setup: Setup;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly store: Store;
  readonly inputs: readonly Inputs[];
  readonly lamp: Lamp;
  readonly dome: Dome | null;
  /** Opened and closed as one of the inputs: it lies on the same chip. */
  readonly strobe?: Strobe | null;
  readonly uplink: Uplink;
  /** Absent: no calls and no picture. */
  readonly media?: Media | null;
  readonly exporter?: Exporter | null;
  readonly patrol?: Patrol | null;
  readonly machine?: Machine | null;
  readonly updates?: Updates | null;
  readonly certificates?: Certificates | null;
  readonly watch: Watch;
}

/** Looks on: the log, the benchmarks. Must be quick and may not throw. */
export interface Watch {
  stepped(fact: Fact, now: Now, stepped: Stepped): void;
  committed(turn: Turn, committed: Committed): void;
}

interface Waiting {
  readonly fact: Fact;
  readonly stepped: (() => void) | undefined;
}

interface OneFact {
  readonly fact: Fact;
  readonly at: Moment;
  readonly stepped: Stepped;
  /** Goes into the hash chain. */
  readonly kept: boolean;
}

/** Never sooner than this, so that a deadline which a step does not clear cannot spin the loop. */
const wakeMinMs = 1;

export class Terminal implements Sink {
  readonly #parts: Parts;
  #state: State;
  #queue: Waiting[] = [];
  #scheduled = false;
  #turning = false;
  #jobsRun = new Set<string>();
  #wakeAtMs: number | null = null;
  #cancelWake: (() => void) | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#state = initialState(emptyDurable, parts.setup);
  }

  get state(): State {
    return this.#state;
  }

  get wanted(): Wanted {
    return wanted(this.#state, this.#parts.clock.now());
  }

  /** All that are opened and closed, but for the store and the line. */
  get #drivers() {
    const { inputs, lamp, dome, media, exporter, machine, patrol, ...rest } = this.#parts;
    const { updates, certificates } = rest;
    return [...inputs, lamp, dome, media, exporter, machine, patrol, updates, certificates];
  }

  /** Loads the rows, steps the start, opens every driver. Armed when it resolves: the store takes
   * records and every input has been opened. The dome and the line may still be on their way. */
  async open(): Promise<void> {
    const { setup, store, uplink } = this.#parts;
    this.#state = initialState(store.open(this), setup);
    this.emit({ kind: 'terminal.started', version: setup.version });
    this.#turn();
    const others = this.#drivers.map((driver) => driver?.open(this));
    await Promise.all([uplink.open(this, store), ...others]);
  }

  /** Finishes what is in hand and closes the drivers, the store last. */
  async close(reason: string): Promise<void> {
    const { store, uplink } = this.#parts;
    this.emit({ kind: 'terminal.stopping', reason });
    this.#turn();
    this.#cancelWake?.();
    await Promise.all([uplink, ...this.#drivers].map((driver) => driver?.close()));
    this.#turn();
    this.#cancelWake?.();
    await store.close();
  }

  /** Facts that arrive in one callback of the system are one turn, run right after it. */
  emit(fact: Fact, stepped?: () => void): void {
    if (isEdge(fact)) this.#makeWay();
    this.#queue.push({ fact, stepped });
    if (this.#scheduled || this.#turning) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #makeWay(): void {
    const { store, media } = this.#parts;
    if (this.#queue.length === 0) store.expectTurn();
    media?.giveWay();
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    try {
      // Drivers may emit while they are told what is wanted: that is the next turn, not this one.
      while (this.#queue.length > 0) this.#oneTurn(this.#queue.splice(0));
    } finally {
      this.#turning = false;
    }
    this.#schedule();
  }

  #oneTurn(waiting: Waiting[]): void {
    const before = this.#state;
    const edgesFirst = [
      ...waiting.filter(({ fact }) => isEdge(fact)),
      ...waiting.filter(({ fact }) => !isEdge(fact)),
    ];
    const all = edgesFirst.map(({ fact }) => this.#step(fact));
    const settle = all.flatMap((one) => one.stepped.settle);
    this.#commit(before, all, settle);
    if (settle.length > 0) this.#parts.uplink.settled(settle);
    for (const reply of all.flatMap((one) => one.stepped.send)) this.#parts.uplink.reply(reply);
    this.#want();
    for (const notice of all.flatMap((one) => one.stepped.notices))
      this.#parts.uplink.reply(notice);
    for (const { stepped } of waiting) stepped?.();
  }

  #step(fact: Fact): OneFact {
    const { clock, ids, watch } = this.#parts;
    const now: Now = { id: ids.next(), ...clock.now() };
    const before = this.#state;
    const stepped = step(before, fact, now);
    this.#state = stepped.state;
    watch.stepped(fact, now, stepped);
    return { fact, at: momentOf(now), stepped, kept: isRecord(fact, before, stepped) };
  }

  #commit(before: State, all: readonly OneFact[], settle: readonly string[]): void {
    const turn: Turn = {
      entities: changesOf(before, this.#state),
      audit: all.flatMap(({ fact, at, kept, stepped }) =>
        [...(kept ? [fact] : []), ...stepped.record].map((one) => ({ fact: one, at })),
      ),
      enqueue: all.flatMap(({ stepped }) => stepped.enqueue),
      settle,
    };
    const { entities, audit, enqueue } = turn;
    if (entities.length + audit.length + enqueue.length + settle.length === 0) return;
    const committed = this.#parts.store.commit(turn, (rows) => this.#makeReady(rows));
    this.#parts.watch.committed(turn, committed);
    if (!committed.durable) this.#tellUnstored(turn, committed);
    if (committed.rows.length > 0) this.#parts.uplink.offer(committed.rows, committed.durable);
  }

  /** While the disk writes: what the platform and the dome are told of it is the same whether or not it
   * can be stored. Its bytes leave after the commit, which blocks the loop. */
  #makeReady(rows: readonly OutboxRow[]): void {
    if (rows.length > 0) this.#parts.uplink.prepare(rows);
    this.#parts.dome?.want(this.wanted.dome);
  }

  /** Rule 2: the alarm goes out anyway, a storage fault with it, and the lamp never says *stored*. */
  #tellUnstored({ enqueue }: Turn, { reason }: Committed): void {
    const unstored = enqueue.flatMap(({ body }) =>
      body.kind === 'alarm.raised' || body.kind === 'incident.made-real' ? [body.incident] : [],
    );
    if (this.#state.live.storageFailing && unstored.length === 0) return;
    const why = reason ?? 'no answer in time';
    // Known at once, before the lamp is told anything; the fact itself takes the next turn.
    const { live } = this.#state;
    this.#state = { ...this.#state, live: { ...live, unstored: [...live.unstored, ...unstored] } };
    this.emit({ kind: 'storage.failed', reason: why, unstored });
  }

  #want(): void {
    const { dome, strobe, lamp, uplink, media, exporter, patrol, updates, certificates } =
      this.#parts;
    const {
      dome: domeTarget,
      lamp: lampTarget,
      uplink: status,
      jobs,
      wakeAtMs,
      ...rest
    } = this.wanted;
    // One look at the clock for what is wanted now and for when to look again: a deadline that
    // passes between two looks would be seen by neither.
    this.#wakeAtMs = wakeAtMs;
    strobe?.want(domeTarget.strobe);
    dome?.want(domeTarget);
    lamp.want(lampTarget);
    uplink.want(status);
    media?.want(rest.media);
    exporter?.want(rest.exports);
    patrol?.want(rest.patrol);
    updates?.want(rest.update);
    certificates?.want(rest.certificate);
    for (const job of jobs) {
      if (this.#jobsRun.has(job.id)) continue;
      this.#jobsRun.add(job.id);
      if (job.what === 'test.lamp') lamp.run(job);
      else if (job.what === 'certificate.take') certificates?.run(job);
      else if (dome) dome.run(job);
      else if (strobe && job.what === 'test.strobe') strobe.run(job);
      else this.emit({ kind: 'job.failed', id: job.id, reason: 'no dome is configured' });
    }
    const wantedIds = new Set(jobs.map(({ id }) => id));
    this.#jobsRun = new Set([...this.#jobsRun].filter((id) => wantedIds.has(id)));
  }

  #schedule(): void {
    this.#cancelWake?.();
    this.#cancelWake = null;
    const { clock } = this.#parts;
    if (this.#wakeAtMs === null) return;
    const delayMs = Math.max(wakeMinMs, this.#wakeAtMs - clock.now().monoMs);
    this.#cancelWake = clock.after(delayMs, () => this.emit({ kind: 'time.passed' }));
  }
}

/** Rows that are others than before. */
export function changesOf({ durable: before }: State, { durable: after }: State): Turn['entities'] {
  if (before === after) return [];
  return tableNames.flatMap((table) => {
    const [old, rows] = [before[table], after[table]];
    if (old === rows) return [];
    const ids = new Set([...Object.keys(old), ...Object.keys(rows)]);
    return [...ids]
      .filter((id) => old[id] !== rows[id])
      .map((id) => ({ table, id, body: rows[id] ?? null }));
  });
}
