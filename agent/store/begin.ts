// What the store begins with: the rows of the database, the alarm journal, or both. The journal is
// asked where the database is older than it (commits that failed, a lost -wal, an old copy), was
// salvaged, or cannot be opened. Rows that the database must be given are in `replay`.

import type { Durable, Site } from '../core/state.ts';
import type { OutboxRow } from '../ports.ts';
import { type ChainAt, genesis } from './chain.ts';
import type { EntityRow, OpenedResult } from './protocol.ts';
import { loadRows, type Unreadable } from './rows.ts';
import type { Snapshot } from './snapshot.ts';

export interface Beginning {
  readonly durable: Durable;
  /** They count as open incidents until somebody has resolved them. */
  readonly unreadable: readonly Unreadable[];
  /** Last turn; the next one is above all that was ever used. */
  readonly turn: number;
  readonly chain: ChainAt;
  /** Where the chain ended as far as is known; `chain` is beyond it after a loss. */
  readonly head: ChainAt;
  /** Records are missing up to here: each is a checkpoint. */
  readonly lost: readonly ChainAt[];
  /** Rows the database does not have, a null body for one it must not have. */
  readonly replay: {
    readonly entities: readonly EntityRow[];
    readonly outbox: readonly OutboxRow[];
  };
  /** Turns that the journal knows of and the database does not. */
  readonly behind: number;
}

/** Numbers left free where something may have used the next ones unseen: turns, records, messages. */
export const leap = 1000;

/** Left free by a machine that goes on from another's backup: that one may have gone on for years. */
const farLeap = 1_000_000;

/**
 * The ordinary beginning, and that after a loss.
 * @param isTakenOver the rows are those of another machine, which may have used further numbers since.
 */
export function begin(
  opened: OpenedResult,
  snapshot: Snapshot | null,
  isTakenOver = false,
): Beginning {
  const behind = Math.max(0, (snapshot?.turn ?? 0) - opened.turn);
  const isLossy = behind > 0 || opened.replaced !== null;
  const free = isTakenOver ? farLeap : isLossy ? leap : null;
  const merged = merge(opened.entities, snapshot, { doubtful: isLossy, behind });
  const { durable, unreadable } = loadRows(merged.entities);
  const gone: Unreadable[] = opened.replaced && !snapshot ? goneRows(opened) : [];
  const removed = unreadable
    .filter(({ table }) => table !== 'incidents')
    .map(({ table, id }): EntityRow => [table, id, null]);
  const site = siteOf(durable, Math.max(opened.outboxSeq, highestSeq(snapshot)), free);
  const found: ChainAt = { seq: opened.chainSeq, hash: opened.chainHash };
  const known = snapshot && snapshot.chain.seq > found.seq ? snapshot.chain : found;
  const chain = free === null ? found : { seq: known.seq + free, hash: known.hash };
  return {
    durable: site ? { ...durable, site: { site } } : durable,
    unreadable: [...unreadable, ...gone],
    turn: Math.max(opened.turn, snapshot?.turn ?? 0),
    chain,
    head: known,
    lost: [...(opened.replaced?.anchors ?? []), ...(free === null ? [] : [chain])],
    replay: {
      entities: [...merged.changed, ...removed, ...(site ? [rowOf(site)] : [])],
      outbox: isLossy ? (snapshot?.alarms ?? []) : [],
    },
    behind,
  };
}

/** Without a database: from the journal alone, far enough ahead for whatever the database knows. */
export function beginFromJournal(snapshot: Snapshot | null): Beginning {
  const { durable, unreadable } = loadRows(snapshot?.entities ?? []);
  const { seq, hash } = snapshot?.chain ?? genesis;
  const site = snapshot ? siteOf(durable, highestSeq(snapshot), leap) : null;
  return {
    durable: site ? { ...durable, site: { site } } : durable,
    unreadable,
    turn: (snapshot?.turn ?? 0) + leap * leap,
    chain: snapshot ? { seq: seq + leap, hash } : genesis,
    head: { seq, hash },
    lost: [],
    replay: { entities: [], outbox: snapshot?.alarms ?? [] },
    behind: 0,
  };
}

/** Rows of the database with those of the journal where it knows better. */
function merge(
  entities: readonly EntityRow[],
  snapshot: Snapshot | null,
  { doubtful, behind }: { doubtful: boolean; behind: number },
) {
  const { unreadable } = loadRows(entities);
  const bad = new Set(unreadable.map(({ table, id }) => `${table}/${id}`));
  const rows = new Map(entities.map((row) => [`${row[0]}/${row[1]}`, row]));
  const changed: EntityRow[] = [];
  for (const row of snapshot?.entities ?? []) {
    const key = `${row[0]}/${row[1]}`;
    const before = rows.get(key);
    const better = behind > 0 || bad.has(key) || (doubtful && !before);
    if (!better || before?.[2] === row[2]) continue;
    rows.set(key, row);
    changed.push(row);
  }
  return { entities: [...rows.values()], changed };
}

const freshSite: Site = { id: 'site', nextSeq: 1, strobe: 'auto', siren: 'auto', headTold: '' };

const rowOf = (site: Site): EntityRow => ['site', site.id, JSON.stringify(site)];
const highestSeq = (snapshot: Snapshot | null): number =>
  Math.max(0, ...(snapshot?.alarms ?? []).map(({ seq }) => seq));

/** A site whose next number is free; null where it is so already. `free`: so many are left out. */
function siteOf({ site: rows }: Durable, outboxSeq: number, free: number | null): Site | null {
  const { site = freshSite } = rows;
  if (free === null && site.nextSeq > outboxSeq) return null;
  return { ...site, nextSeq: Math.max(site.nextSeq, outboxSeq + 1) + (free ?? leap) };
}

/** The database lost rows and there is no journal: one of them may have been an open incident. */
function goneRows({ replaced, entities }: OpenedResult): Unreadable[] {
  if (!replaced || replaced.whole || replaced.foreign) return [];
  const id = `lost-${replaced.id}`;
  if (entities.some((row) => row[1] === id)) return [];
  const problem = `rows of ${replaced.kept} could not be read, and the alarm journal has none`;
  return [{ table: 'incidents', id, body: '', problem }];
}
