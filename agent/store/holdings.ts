// What the alarm journal must hold: open incidents, alarms without a receipt, and the two small tables
// without which a restart would tell a press twice (how far each box had counted) or use a number of
// the outbox twice. An incident closed while the database took no commits stays until that is on disk.

import type { Durable, Site } from '../core/state.ts';
import type { OutboxRow } from '../ports.ts';
import type { ChainAt } from './chain.ts';
import type { EntityRow, SealedTurn } from './protocol.ts';

/** `alarm`: something that exists nowhere else yet. `progress`: of what is held already. */
export type News = 'alarm' | 'progress' | 'none';

const small = new Set(['site', 'inputs']);
/** Turns not looked into yet; the journal hangs or fails where it comes to that. */
const notedMax = 256;
/** Beyond it only the first alarm of an incident is held; repeats are then in the database alone. */
const alarmsMax = 500;

export class Holdings {
  readonly #small = new Map<string, EntityRow>();
  readonly #incidents = new Map<string, EntityRow>();
  readonly #alarms = new Map<string, OutboxRow>();
  /** Closed; they leave when the database has that. */
  readonly #closed = new Set<string>();
  /** Taken as they come, looked into when they are written. */
  #noted: SealedTurn[] = [];
  #behind = false;
  /** What was said last of light and siren, as noted. */
  #light = 'auto auto';
  at: { readonly turn: number; readonly chain: ChainAt } = {
    turn: 0,
    chain: { seq: 0, hash: '0'.repeat(64) },
  };

  /** Turns were noted that the database does not have. */
  get behind(): boolean {
    return this.#behind;
  }

  /** No open incident and no alarm that waits. */
  get quiet(): boolean {
    return this.#incidents.size === 0 && this.#alarms.size === 0 && this.#noted.length === 0;
  }

  /** An incident is open. */
  get open(): boolean {
    this.#digest();
    return this.#incidents.size > 0;
  }

  /** What the terminal begins with. */
  adopt(durable: Durable, alarms: readonly OutboxRow[]): void {
    for (const table of ['site', 'inputs', 'incidents'] as const) {
      for (const row of Object.values(durable[table]))
        this.#put([table, row.id, JSON.stringify(row)]);
    }
    for (const row of alarms) this.#alarms.set(row.id, row);
    const { site } = durable.site;
    if (site) this.#light = lightOf(site);
    this.#forgetClosed();
  }

  note(sealed: SealedTurn, durable: boolean): News {
    this.#noted.push(sealed);
    this.#behind = !durable;
    const lit = this.#isNewLight(sealed);
    if (sealed.outbox.some(({ lane }) => lane === 'alarm')) return this.#bounded('alarm');
    const incident = sealed.entities.some(([table]) => table === 'incidents');
    if (incident || lit || sealed.settle.some((id) => this.#alarms.has(id)))
      return this.#bounded('progress');
    this.#digest();
    return 'none';
  }

  durable(): void {
    this.#behind = false;
  }

  /** Rows to write into a database that may lack them: the newest body of each. */
  rows(): { readonly entities: EntityRow[]; readonly alarms: OutboxRow[] } {
    this.#digest();
    const entities = [...this.#small.values(), ...this.#incidents.values()];
    return { entities, alarms: [...this.#alarms.values()] };
  }

  /** JSON of a `Snapshot` of at most `bytesMax`: what does not fit is left out, alarms that only
   * repeat a press first, then alarms, then incidents. */
  snapshot(bytesMax: number): string {
    const { entities, alarms } = this.rows();
    const rank = ({ id }: OutboxRow) => (this.#incidents.has(id) ? 0 : 1);
    const inOrder = alarms.toSorted((a, b) => rank(a) - rank(b) || a.seq - b.seq);
    const { turn, chain } = this.at;
    const text = (kept: readonly string[], told: readonly string[], missing: number) =>
      `{"turn":${turn},"chain":${JSON.stringify(chain)},"missing":${missing},` +
      `"entities":[${kept}],"alarms":[${told}]}`;
    const room = bytesMax - Buffer.byteLength(text([], [], 1_000_000));
    const kept = fitting(entities, room);
    const told = fitting(inOrder, kept.left);
    const missing = entities.length + alarms.length - kept.rows.length - told.rows.length;
    return text(kept.rows, told.rows, missing);
  }

  /** The site's row changes with every message; a dispatcher's word on the light is news. */
  #isNewLight({ entities }: SealedTurn): boolean {
    const before = this.#light;
    for (const [table, , body] of entities)
      if (table === 'site' && body !== null) this.#light = lightOf(JSON.parse(body));
    return this.#light !== before;
  }

  #bounded(news: News): News {
    if (this.#noted.length > notedMax) this.#digest();
    return news;
  }

  #digest(): void {
    for (const { turn, entities, audit, outbox, settle } of this.#noted) {
      for (const row of entities) this.#put(row);
      for (const row of outbox) {
        const room = this.#alarms.size < alarmsMax || this.#incidents.has(row.id);
        if (row.lane === 'alarm' && room) this.#alarms.set(row.id, row);
      }
      for (const id of settle) this.#alarms.delete(id);
      const last = audit.at(-1);
      this.at = { turn, chain: last ? { seq: last.seq, hash: last.hash } : this.at.chain };
    }
    this.#noted = [];
    this.#forgetClosed();
  }

  #put(row: EntityRow): void {
    const [table, id, body] = row;
    if (small.has(table)) {
      if (body === null) this.#small.delete(`${table}/${id}`);
      else this.#small.set(`${table}/${id}`, row);
    }
    if (table !== 'incidents') return;
    // Deleted ones were resolved long before.
    if (body === null) this.#incidents.delete(id);
    else this.#incidents.set(id, row);
    if (body !== null && isClosed(body)) this.#closed.add(id);
    else this.#closed.delete(id);
  }

  #forgetClosed(): void {
    if (this.#behind) return;
    for (const id of this.#closed) this.#incidents.delete(id);
    this.#closed.clear();
  }
}

const lightOf = ({ strobe, siren }: Site): string => `${strobe} ${siren}`;

/** As many of the rows, from the first, as fit. */
function fitting(all: readonly unknown[], room: number) {
  const rows: string[] = [];
  let left = room;
  for (const one of all) {
    const text = JSON.stringify(one);
    left -= Buffer.byteLength(text) + 1;
    if (left < 0) return { rows, left: 0 };
    rows.push(text);
  }
  return { rows, left };
}

/** A body that cannot be read is not known to be closed. */
export function isClosed(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && 'resolved' in value && !!value.resolved;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
