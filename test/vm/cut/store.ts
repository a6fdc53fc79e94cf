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

/** Opens it as the next start does, then looks at the file behind its back. `tried`: the last press whose
 * commit had begun, where that was late; it may be there or not. */
export async function inspect(dir: string, confirmed: number, tried = confirmed): Promise<Found> {
  const sink = new RecordingSink();
  const store = cutStore(dir);
  const { incidents } = store.open(sink);
  const rows = await store.page('alarm', 0, 100_000);
  const { publicKey } = store.evidence;
  await store.close();
  const ids = new Set(rows.map(({ id }) => id));
  const last = Math.max(0, ...Object.keys(incidents).map((id) => Number(id.slice(6))));
  // What is there has settled what came `waiting` before it: whole turns, or not at all.
  const oldest = Math.max(0, confirmed - waiting, last - waiting);
  const due = Array.from({ length: Math.max(0, confirmed - oldest) }, (_, i) =>
    pressId(confirmed - i),
  );
  const missing = due.filter((id) => !incidents[id] || !ids.has(id)).length;
  const lost = Math.max(missing, confirmed - last);
  const heads = rows.map(({ payload }) => headOf(payload));
  const chain = verifyChain(auditRows(dir), { terminal, publicKey, heads });
  const integrity = readDatabase(dir, (db) => db.pragma('integrity_check', { simple: true }));
  const aside = readdirSync(dir).filter((name) => name.startsWith(`${databaseFile}.`));
  const wrong = [
    ...sink.facts.map((fact) => JSON.stringify(fact)),
    ...(last > Math.max(confirmed, tried) + 1 ? [`${last} presses, ${tried} tried`] : []),
    ...(chain.ok ? [] : [`chain: ${JSON.stringify(chain)}`]),
    ...(integrity === 'ok' ? [] : [`integrity: ${integrity}`]),
    ...aside,
  ];
  return { last, lost, wrong };
}
