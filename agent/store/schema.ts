// Tables and their migrations. Expand only: a release adds tables, columns with a default and
// indexes, and contracts a release later, so that version N-1 opens what N has written.

import type { Database } from 'better-sqlite3';
import { Refusal } from '../refusal.ts';
import { StorageFault } from './fault.ts';

/** 'GATE' */
export const applicationId = 0x47415445;
const marker = 'gate-agent';

export interface Schema {
  /** `migrations[n]` leads from version n to n + 1; the first makes an empty file ours. */
  readonly migrations: readonly ((db: Database) => void)[];
}

/** Alarms, events and telemetry in the order of `priorities` and of `seq`: the index `lane_seq`. */
function first(db: Database): void {
  db.exec(`
    create table meta (key text primary key, value) without rowid;
    create table entity (
      tab text not null, id text not null, body text not null, primary key (tab, id)
    ) without rowid;
    create table outbox (
      seq integer primary key, id text not null unique, lane integer not null, payload text not null
    );
    create index lane_seq on outbox (lane, seq);
    create table audit (
      seq integer primary key, kind text not null, wall_ms integer not null, mono_ms real not null,
      boot_id text not null, body text, body_hash text not null, hash text not null
    );
    insert into meta values ('marker', '${marker}'), ('turn', 0);
    pragma application_id = ${applicationId};
  `);
}

export const schema: Schema = { migrations: [first] };

/** Runs what is missing, in one transaction. A database one version ahead is used as it is. */
export function migrate(db: Database, { migrations }: Schema): void {
  const version = numberOf(db, 'user_version');
  if (version >= migrations.length) return;
  const run = db.transaction(() => {
    for (const step of migrations.slice(version)) step(db);
    db.pragma(`user_version = ${migrations.length}`);
  });
  run.immediate();
}

/**
 * Refuses a database that a later release has changed beyond what this one understands.
 * @param version its `user_version`.
 */
export function refuseNewer(file: string, version: number, { migrations }: Schema): void {
  const known = migrations.length;
  if (version <= known + 1) return;
  const told = `the database is of version ${version}, this program opens up to ${known + 1}`;
  const hint = `${told}: install the newer program; the file was not touched`;
  throw new Refusal([{ field: file, value: version, hint }], 'database');
}

/** Throws where the file is sound but not ours, or where SQLite finds damage. */
export function checkSound(db: Database, file: string): void {
  const found = numberOf(db, 'application_id');
  if (found !== applicationId) corrupt(file, `application_id is ${found}`);
  const quick = String(db.pragma('quick_check(1)', { simple: true }));
  if (quick !== 'ok') corrupt(file, quick.replace(/^\*{3}[^*]*\*{3}\s*/, '').replace(/\s+/g, ' '));
  const tables = db.prepare("select name from sqlite_master where type = 'table'").pluck().all();
  for (const name of ['meta', 'entity', 'outbox', 'audit'])
    if (!tables.includes(name)) corrupt(file, `it has no table ${name}`);
  const row = db.prepare("select value from meta where key = 'marker'").pluck().get();
  if (row !== marker) corrupt(file, 'the marker row is missing');
}

function corrupt(file: string, why: string): never {
  throw new StorageFault('corrupt', `${file} is not a sound database of this program: ${why}`);
}

export function numberOf(db: Database, pragma: string): number {
  return Number(db.pragma(pragma, { simple: true }));
}
