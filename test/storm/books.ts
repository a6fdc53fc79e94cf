// What the terminal has decided and what of it is on disk, kept from the turns it commits: the storm's
// own memory, against which lamp, light and platform are held. Two pages: `memory` is what the process
// knows, `disk` what a SIGKILL leaves of it.

import type { Answer } from '#agent/core/command.ts';
import type { Mark } from '#agent/core/mark.ts';
import type { Kind } from '#agent/core/state.ts';
import type { Turn } from '#agent/ports.ts';
import { incidentRow, obeyedRow, siteRow } from './rows.ts';

export interface Case {
  readonly id: string;
  readonly input: string;
  readonly kind: Kind;
  readonly presses: number;
  readonly resolved: boolean;
  /** Null: it is real. */
  readonly mark: Mark | null;
  /** Id of the message that told the alarm: another one where it was made real. */
  readonly toldBy: string;
  /** When it was raised or made real: true time, which no reboot moves. */
  readonly aliveMs: number;
}

export interface Page {
  readonly cases: Map<string, Case>;
  /** Presses taken so far, by button. */
  readonly taken: Map<string, number>;
  /** Messages without a receipt. */
  readonly waiting: Set<string>;
  readonly answers: Map<string, Answer | null>;
  strobe: string;
  siren: string;
}

/** What a SIGKILL has left. */
export interface LeftOnDisk {
  readonly diskTurn: number;
  readonly journalTurn: number;
  /** Messages without a receipt, in database or journal. */
  readonly waiting: Iterable<string>;
}

interface Entry {
  readonly turn: Turn;
  readonly atMs: number;
  /** Number of the turn in the store. */
  readonly number: number;
}

const emptyPage = (): Page => ({
  cases: new Map(),
  taken: new Map(),
  waiting: new Set(),
  answers: new Map(),
  strobe: 'auto',
  siren: 'auto',
});

export class Books {
  memory = emptyPage();
  disk = emptyPage();
  /** Every id ever told, and by which commit attempt it may be known outside. */
  readonly told = new Set<string>();
  /** The known gap, see `killed`. */
  readonly lost = new Set<string>();
  /** Ids of the alarm lane. */
  readonly alarms = new Set<string>();
  #behind: Entry[] = [];

  /** A turn that the store was given. Returns the page as it was before. */
  committed(turn: Turn, number: number, atMs: number): Page {
    const { cases, ...rest } = this.memory;
    const before = { ...rest, cases: new Map(cases) };
    for (const { id, lane } of turn.enqueue) {
      this.told.add(id);
      if (lane === 'alarm') this.alarms.add(id);
    }
    const entry: Entry = { turn, number, atMs };
    apply(this.memory, entry);
    this.#behind.push(entry);
    return before;
  }

  /** The database has everything up to this turn. */
  written(diskTurn: number): void {
    for (const entry of this.#behind) if (entry.number <= diskTurn) apply(this.disk, entry);
    this.#behind = this.#behind.filter(({ number }) => number > diskTurn);
  }

  /** Turns in memory only. */
  get behind(): number {
    return this.#behind.length;
  }

  /** SIGKILL. Of the turns that the database lacks, the journal has cases, alarms and counts up to
   * `journalTurn`; answers to commands and events it does not hold.
   *
   * KNOWN GAP: a press that went out from memory (rule 2) and was neither in the database nor in the
   * journal when the process was killed: the moments before the journal is flushed, or a disk that
   * hangs altogether. What the count of its box makes up for then comes again, under a second id. The
   * ids that were lost so are not counted at the platform; this is the only place that forgives them.
   * True where something was lost. */
  killed({ diskTurn, journalTurn, waiting }: LeftOnDisk): boolean {
    this.written(diskTurn);
    const [saved, lost] = [
      this.#behind.filter(({ number }) => number <= journalTurn),
      this.#behind.filter(({ number }) => number > journalTurn),
    ];
    for (const { turn } of lost) for (const { id } of turn.enqueue) this.lost.add(id);
    const page = structuredClone(this.disk);
    for (const entry of saved) apply(page, entry);
    this.disk = { ...page, waiting: new Set(waiting), answers: this.disk.answers };
    const some = this.#behind.length > 0;
    this.#behind = [];
    this.memory = structuredClone(this.disk);
    return some;
  }

  /** The database is gone, after `killed`: the journal has open cases, alarms without a receipt, counts
   * and the last word on the light. Answers, events and cases that are done it has not. */
  ruined(): void {
    const { cases, waiting } = this.disk;
    for (const { id, resolved } of cases.values()) if (resolved) cases.delete(id);
    for (const id of waiting) if (!this.alarms.has(id)) waiting.delete(id);
    this.disk.answers.clear();
    this.memory = structuredClone(this.disk);
  }

  openCases(): Case[] {
    return [...this.memory.cases.values()].filter(({ resolved }) => !resolved);
  }
}

function apply(page: Page, { turn, atMs }: Entry): void {
  for (const { id } of turn.enqueue) page.waiting.add(id);
  for (const id of turn.settle) page.waiting.delete(id);
  for (const { table, id, body } of turn.entities) {
    if (table === 'incidents') applyCase(page, id, body, atMs);
    if (table === 'obeyed') {
      if (body === null) page.answers.delete(id);
      else page.answers.set(id, obeyedRow.parse(body).answer);
    }
    if (table === 'site') {
      const { strobe, siren } = siteRow.parse(body);
      Object.assign(page, { strobe, siren });
    }
  }
}

function applyCase(page: Page, id: string, body: unknown, atMs: number): void {
  const before = page.cases.get(id);
  if (body === null) {
    page.cases.delete(id);
    return;
  }
  const { input, kind, presses, resolved, mark = null, made } = incidentRow.parse(body);
  const more = presses - (before?.presses ?? 0);
  page.taken.set(input, (page.taken.get(input) ?? 0) + more);
  const toldBy = made?.message ?? id;
  const aliveMs = before?.toldBy === toldBy ? before.aliveMs : atMs;
  const told = { mark, toldBy, aliveMs };
  page.cases.set(id, { id, input, kind, presses, resolved: resolved !== null, ...told });
}
