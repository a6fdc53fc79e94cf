// What a terminal left on its disk, read from outside and only read: rows of the outbox, incidents,
// counts of presses, the hash chain.

import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import * as z from 'zod';
import type { AuditRow } from '#agent/store/protocol.ts';

const outboxRow = z.object({
  id: z.string(),
  seq: z.number(),
  lane: z.number(),
  payload: z.string(),
});
const incidentRow = z.looseObject({
  id: z.string(),
  input: z.string(),
  presses: z.number(),
  sent: z.unknown().nullable(),
  received: z.unknown().nullable(),
  resolved: z.unknown().nullable(),
});
const inputRow = z.looseObject({
  id: z.string(),
  count: z.object({ total: z.number() }).nullable(),
});
const entity = z.object({ tab: z.string(), body: z.string() });
const auditRow = z
  .object({
    seq: z.number(),
    kind: z.string(),
    wall_ms: z.number(),
    mono_ms: z.number(),
    boot_id: z.string(),
    body: z.string().nullable(),
    body_hash: z.string(),
    hash: z.string(),
  })
  .transform(
    ({
      wall_ms: wallMs,
      mono_ms: monoMs,
      boot_id: bootId,
      body_hash: bodyHash,
      ...same
    }): AuditRow => ({
      ...same,
      wallMs,
      monoMs,
      bootId,
      bodyHash,
    }),
  );

export type LeftIncident = z.infer<typeof incidentRow>;

export interface Left {
  readonly outbox: readonly z.infer<typeof outboxRow>[];
  readonly incidents: readonly LeftIncident[];
  /** Press counts that were taken over from the box, by input. */
  readonly counts: ReadonlyMap<string, number>;
  readonly audit: readonly AuditRow[];
}

/** Reads the database in the data directory of a terminal that does not run. */
export function lookInto(dataDir: string): Left {
  const db = new Sqlite(join(dataDir, 'gate.db'), { readonly: true, fileMustExist: true });
  try {
    const rows = <T>(row: z.ZodType<T>, sql: string): T[] =>
      z.array(row).parse(db.prepare(sql).all());
    const entities = rows(entity, 'select tab, body from entity');
    const table = <T>(row: z.ZodType<T>, name: string): T[] =>
      entities.filter(({ tab }) => tab === name).map(({ body }) => row.parse(JSON.parse(body)));
    return {
      outbox: rows(outboxRow, 'select id, seq, lane, payload from outbox order by seq'),
      incidents: table(incidentRow, 'incidents'),
      counts: new Map(table(inputRow, 'inputs').map(({ id, count }) => [id, count?.total ?? 0])),
      audit: rows(auditRow, 'select * from audit order by seq'),
    };
  } finally {
    db.close();
  }
}
