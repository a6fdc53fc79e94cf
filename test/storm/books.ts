// What the terminal has decided and what of it is on disk, kept from the turns it commits: the storm's
// own memory, against which lamp, light and platform are held. Two pages: `memory` is what the process
// knows, `disk` what a SIGKILL leaves of it.

import type { Answer } from '#agent/core/command.ts';
import type { Kind } from '#agent/core/state.ts';
import type { Turn } from '#agent/ports.ts';
import { incidentRow, obeyedRow, siteRow } from './rows.ts';

export interface Case {
  readonly id: string;
  readonly input: string;
  readonly kind: Kind;
  readonly presses: number;
  readonly resolved: boolean;
  /** True time, which no reboot moves. */
  readonly raisedMs: number;
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

interface Entry {
  readonly turn: Turn;
  readonly atMs: number;
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
  #behind: Entry[] = [];

  /** A turn that the store was given. Returns the page as it was before. */
  committed(turn: Turn, atMs: number): Page {
    const { cases, ...rest } = this.memory;
    const before = { ...rest, cases: new Map(cases) };
    for (const { id } of turn.enqueue) this.told.add(id);
    apply(this.memory, { turn, atMs });
    this.#behind.push({ turn, atMs });
    return before;
  }

  /** The store says how many turns it still has in memory only. */
  written(behind: number): void {
    const done = this.#behind.splice(0, this.#behind.length - behind);
    for (const entry of done) apply(this.disk, entry);
  }

  /** Turns in memory only. */
  get behind(): number {
    return this.#behind.length;
  }

  /** SIGKILL, after `written` more turns had got to the disk without anybody being told.
   *
   * KNOWN GAP: what went out from memory while the disk failed (rule 2) is lost with the process. A
   * press of a counting box is then made up for from the count, under a second id. The alarm journal
   * closes this; until then the ids that were lost are not counted at the platform, and this is the
   * only place that forgives them. True where something was lost. */
  killed(written: number): boolean {
    this.written(Math.max(0, this.#behind.length - written));
    for (const { turn } of this.#behind) for (const { id } of turn.enqueue) this.lost.add(id);
    const lost = this.#behind.length > 0;
    this.#behind = [];
    this.memory = structuredClone(this.disk);
    return lost;
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
  const { input, kind, presses, resolved } = incidentRow.parse(body);
  const more = presses - (before?.presses ?? 0);
  page.taken.set(input, (page.taken.get(input) ?? 0) + more);
  const raisedMs = before?.raisedMs ?? atMs;
  page.cases.set(id, { id, input, kind, presses, resolved: resolved !== null, raisedMs });
}
