// The store whose power is cut, and what it must say afterwards.

import { readdirSync } from 'node:fs';
import { verifyChain } from '#agent/store/chain.ts';
import { databaseFile, SqliteStore } from '#agent/store/store.ts';
import { systemClock } from '#agent/system/clock.ts';
import {
  auditRows,
  headOf,
  pressId,
  RecordingSink,
  readDatabase,
  terminal,
  wire,
} from '#test/store/support.ts';

/** Presses whose incident is open and whose alarm has no receipt. */
export const waiting = 50;

/** As shipped, in a smaller file. */
export const cutStore = (dir: string): SqliteStore =>
  new SqliteStore({ dir, terminal, clock: systemClock(), wire, pageCapMb: 32 });

export interface Found {
  /** Number of the last press that is there. */
  readonly last: number;
  /** Presses that were confirmed and are not there, as incident or as alarm. */
  readonly lost: number;
  /** What is wrong otherwise; empty where all is sound. */
  readonly wrong: readonly string[];
}

/** Opens it as the next start does, then looks at the file behind its back. */
export async function inspect(dir: string, confirmed: number): Promise<Found> {
  const sink = new RecordingSink();
  const store = cutStore(dir);
  const { incidents } = store.open(sink);
  const rows = await store.page('alarm', 0, 100_000);
  const { publicKey } = store.evidence;
  await store.close();
  const ids = new Set(rows.map(({ id }) => id));
  const last = Math.max(0, ...Object.keys(incidents).map((id) => Number(id.slice(6))));
  const wanted = Array.from({ length: Math.min(waiting, confirmed) }, (_, i) =>
    pressId(confirmed - i),
  );
  // The turn under way at the cut may have settled the oldest; never a part of it.
  const due = last > confirmed ? wanted.filter((id) => id !== pressId(last - waiting)) : wanted;
  const missing = due.filter((id) => !incidents[id] || !ids.has(id)).length;
  const lost = Math.max(missing, confirmed - last);
  const heads = rows.map(({ payload }) => headOf(payload));
  const chain = verifyChain(auditRows(dir), { terminal, publicKey, heads });
  const integrity = readDatabase(dir, (db) => db.pragma('integrity_check', { simple: true }));
  const aside = readdirSync(dir).filter((name) => name.startsWith(`${databaseFile}.`));
  const wrong = [
    ...sink.facts.map((fact) => JSON.stringify(fact)),
    ...(last > confirmed + 1 ? [`${last} presses, ${confirmed} confirmed`] : []),
    ...(chain.ok ? [] : [`chain: ${JSON.stringify(chain)}`]),
    ...(integrity === 'ok' ? [] : [`integrity: ${integrity}`]),
    ...aside,
  ];
  return { last, lost, wrong };
}
