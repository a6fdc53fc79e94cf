// Turns in domain words, and what a test reads from the file behind the store's back.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Identity, wireOf } from '#agent/contract.ts';
import type { Fact } from '#agent/core/fact.ts';
import type { Lane, Message } from '#agent/core/message.ts';
import type { Incident, Moment } from '#agent/core/state.ts';
import type { Sink, Turn } from '#agent/ports.ts';
import type { Head } from '#agent/store/chain.ts';
import type { AuditRow } from '#agent/store/protocol.ts';
import type { Wire } from '#agent/store/seal.ts';
import { databaseFile, SqliteStore, type SqliteStoreOptions } from '#agent/store/store.ts';
import { systemClock } from '#agent/system/clock.ts';

export const terminal = 'school-7-south';

const identity: Identity = {
  divisionCode: '330782',
  jurisdiction: 'Futian',
  school: 'Primary school 7',
  address: 'South road 1',
  position: null,
  gate: 'south',
  gateRoomPhone: '0579-1',
  contacts: [],
};

export const wire: Wire = (message, head) =>
  JSON.stringify(wireOf(message, terminal, identity, head));

export const moment = (n: number): Moment => ({
  bootId: 'boot-1',
  monoMs: 1000.5 + n,
  wallMs: Date.UTC(2026, 10, 21) + n,
  clock: 'good',
});

export function incident(id: string, n = 1): Incident {
  return {
    id,
    input: 'desk',
    kind: 'emergency',
    raised: moment(n),
    presses: 1,
    sent: null,
    received: null,
    seen: null,
    taken: null,
    talking: false,
    undelivered: null,
    falseAlarm: null,
    resolved: null,
  };
}

export function message(id: string, seq: number, lane: Lane = 'alarm'): Message {
  const at = moment(seq);
  if (lane !== 'alarm') {
    return { id, seq, lane, at, body: { kind: 'fault.cleared', fault: 'dome.lost' } };
  }
  const desk = { input: 'desk', inputName: 'Desk', alarm: 'emergency' } as const;
  const alarm = { ...desk, edge: 'live', mark: null } as const;
  return { id, seq, lane, at, body: { kind: 'alarm.raised', incident: id, ...alarm } };
}

export const nothing: Turn = { entities: [], audit: [], enqueue: [], settle: [] };

export const pressed = (n: number): Fact => ({
  kind: 'input.changed',
  input: 'desk',
  contact: 'pressed',
  edgeMs: n,
});

export const pressId = (n: number): string => `press-${String(n).padStart(6, '0')}`;

/** What a press writes: incident, record, alarm. */
export const press = (n: number): Turn => ({
  ...nothing,
  entities: [{ table: 'incidents', id: pressId(n), body: incident(pressId(n), n) }],
  audit: [{ at: moment(n), fact: pressed(n) }],
  enqueue: [message(pressId(n), n)],
});

export class RecordingSink implements Sink {
  readonly facts: Fact[] = [];

  emit(fact: Fact): void {
    this.facts.push(fact);
  }

  kinds(): string[] {
    return this.facts.map(({ kind }) => kind);
  }
}

export function tempDir() {
  const path = mkdtempSync(join(tmpdir(), 'gate-store-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Small, so that a test need not write 128 MiB. */
export function smallStore(dir: string, more: Partial<SqliteStoreOptions> = {}): SqliteStore {
  const clock = systemClock();
  return new SqliteStore({ dir, terminal, clock, wire, pageCapMb: 4, walFrames: 100, ...more });
}

const openRaw = (dir: string) => new Sqlite(join(dir, databaseFile), { fileMustExist: true });

export function readDatabase<T>(dir: string, read: (db: Sqlite.Database) => T): T {
  const db = openRaw(dir);
  try {
    return read(db);
  } finally {
    db.close();
  }
}

export const auditRows = (dir: string): AuditRow[] =>
  readDatabase(dir, (db) =>
    db
      .prepare<[], AuditRow>(
        `select seq, kind, wall_ms as wallMs, mono_ms as monoMs, boot_id as bootId, body,
           body_hash as bodyHash, hash from audit order by seq`,
      )
      .all(),
  );

/** The signed head that an alarm carries. */
export function headOf(payload: string): Head {
  const { chain }: { chain: Head } = JSON.parse(payload);
  return chain;
}
