// The file itself: durability asserted at each open, room kept before it is needed, versions.

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Refusal } from '#agent/refusal.ts';
import { type Opened, openDatabase } from '#agent/store/database.ts';
import { type Schema, schema } from '#agent/store/schema.ts';
import { tempDir } from './support.ts';

let dir: ReturnType<typeof tempDir>;
let file: string;
let opened: Opened[] = [];
beforeEach(() => {
  dir = tempDir();
  file = join(dir.path, 'gate.db');
});
afterEach(() => {
  for (const one of opened) one.close();
  opened = [];
  dir.remove();
});

const sizes = { pageCapMb: 4, walFrames: 100 };

function open(using: Schema = schema) {
  const one = openDatabase(Sqlite, { file, sizes, schema: using });
  opened.push(one);
  return one.db;
}

function reopen(using: Schema = schema) {
  close();
  return open(using);
}

function close() {
  for (const one of opened) one.close();
  opened = [];
}

const pragma = (db: Sqlite.Database, name: string) => db.pragma(name, { simple: true });

test('FULL and WAL at the first open and at every later one', () => {
  for (let time = 1; time <= 3; time++) {
    const db = reopen();
    expect(pragma(db, 'journal_mode')).toBe('wal');
    expect(pragma(db, 'synchronous')).toBe(2);
    expect(pragma(db, 'auto_vacuum')).toBe(0);
    expect(pragma(db, 'wal_autocheckpoint')).toBe(1000);
    expect(pragma(db, 'application_id')).toBe(0x47415445);
    expect(pragma(db, 'user_version')).toBe(schema.migrations.length);
  }
});

test('the file has its size before it is needed and never exceeds it', () => {
  const db = open();
  const bytes = statSync(file).size;
  expect(bytes).toBeGreaterThan(3.9 * 2 ** 20);
  expect(bytes).toBeLessThanOrEqual(4 * 2 ** 20);
  expect(pragma(db, 'max_page_count')).toBe(1024);
  const put = db.prepare('insert into outbox values (?, ?, 2, ?)');
  expect(() => {
    for (let seq = 1; ; seq++) put.run(seq, `m${seq}`, 'x'.repeat(1000));
  }).toThrow('full');
  // With the database full, rows can still be settled, and then there is room.
  db.exec('delete from outbox where seq <= 100');
  put.run(1, 'm1', 'x'.repeat(1000));
  db.pragma('wal_checkpoint(RESTART)');
  expect(statSync(file).size).toBeLessThanOrEqual(4 * 2 ** 20);
  expect(pragma(reopen(), 'max_page_count')).toBe(1024);
});

test('the WAL is warm from the start, and a clean close leaves it in its place', () => {
  const warmBytes = 100 * 4096;
  open().exec("insert into outbox values (1, 'm', 0, 'x')");
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(warmBytes);
  close();
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(warmBytes);
  expect(open().prepare('select id from outbox').pluck().all()).toEqual(['m']);
});

test('a WAL larger than the database can be warmed', () => {
  const db = openDatabase(Sqlite, { file, sizes: { pageCapMb: 2, walFrames: 1200 }, schema });
  opened.push(db);
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(1200 * 4096);
  expect(statSync(file).size).toBeLessThanOrEqual(2 * 2 ** 20);
});

test('pages of the outbox come from the index', () => {
  const plan = open()
    .prepare(
      'explain query plan select * from outbox where lane = 0 and seq > 5 order by seq limit 9',
    )
    .all();
  const [{ detail }] = plan as [{ detail: string }];
  expect(plan).toHaveLength(1);
  expect(detail).toMatch(/USING INDEX lane_seq \(lane=\? AND seq>\?\)/);
});

test('a crash in the middle of the creation leaves nothing that is taken for a database', () => {
  writeFileSync(`${file}.new`, 'half of something');
  expect(pragma(open(), 'user_version')).toBe(1);
  expect(existsSync(`${file}.new`)).toBe(false);
});

const grow = (name: string) => (db: Sqlite.Database) => {
  db.exec(`create table ${name} (id text)`);
};
const upTo = (version: number): Schema => ({
  migrations: [...schema.migrations, grow('second'), grow('third'), grow('fourth')].slice(
    0,
    version,
  ),
});

test('N opens what N-1 wrote and brings it up; N-1 opens what N wrote and leaves it so', () => {
  open(upTo(1)).exec("insert into outbox values (1, 'm', 0, 'x')");
  const ahead = reopen(upTo(2));
  expect(pragma(ahead, 'user_version')).toBe(2);
  expect(ahead.prepare('select count(*) from second').pluck().get()).toBe(0);
  const behind = reopen(upTo(1));
  expect(pragma(behind, 'user_version')).toBe(2);
  expect(behind.prepare('select id from outbox').pluck().all()).toEqual(['m']);
  expect(pragma(reopen(upTo(3)), 'user_version')).toBe(3);
});

test('what is two versions ahead is refused with a hint, and not a byte is changed', () => {
  open(upTo(3)).pragma('wal_checkpoint(RESTART)');
  close();
  const [before, wal] = [readFileSync(file), readFileSync(`${file}-wal`)];
  expect(() => open(upTo(1))).toThrow(Refusal);
  expect(() => open(upTo(1))).toThrow(/version 3, this program opens up to 2: install the newer/);
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(readFileSync(`${file}-wal`).equals(wal)).toBe(true);
});
