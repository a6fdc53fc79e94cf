// What a disk does to a store that is closed, and what the store says when it is opened again.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Durable } from '#agent/core/state.ts';
import { type Signed, type Verdict, verifyChain } from '#agent/store/chain.ts';
import { journalFile, newestOf } from '#agent/store/journal.ts';
import type { Checkpoint } from '#agent/store/protocol.ts';
import type { Snapshot } from '#agent/store/snapshot.ts';
import { databaseFile, type SqliteStore, type SqliteStoreOptions } from '#agent/store/store.ts';
import * as pages from '#test/support/pages.ts';
import {
  auditRows,
  press,
  pressId,
  RecordingSink,
  readDatabase,
  smallStore,
  tempDir,
  terminal,
} from './support.ts';

export interface Reopened {
  readonly store: SqliteStore;
  readonly sink: RecordingSink;
  readonly durable: Durable;
}

export function openStore(dir: string, more: Partial<SqliteStoreOptions> = {}): Reopened {
  const sink = new RecordingSink();
  const store = smallStore(dir, more);
  return { store, sink, durable: store.open(sink) };
}

/** A store that has seen `presses` presses, closed. */
export async function used(dir: string, presses: number): Promise<void> {
  const { store } = openStore(dir);
  for (let n = 1; n <= presses; n++) store.commit(press(n));
  await store.close();
}

/** Everything in the database file, and no WAL. */
export function checkpointed(dir: string): string {
  const file = join(dir, databaseFile);
  pages.checkpoint(file);
  return file;
}

export const pagesOf = (dir: string, name: string): number[] =>
  pages.pagesOf(join(dir, databaseFile), name);
export const tear = (dir: string, page: number): void => pages.tear(join(dir, databaseFile), page);

export const loseJournal = (dir: string): void => rmSync(join(dir, journalFile));
/** The newest whole snapshot on disk. */
export const journalOf = (dir: string): Snapshot | null =>
  isThere(dir, journalFile)
    ? (newestOf(readFileSync(join(dir, journalFile)))?.snapshot ?? null)
    : null;

export const quarantined = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => name.includes('.broken-'))
    .sort();

export const checkpointsOf = (dir: string): Checkpoint[] =>
  readDatabase(dir, (db) =>
    db
      .prepare<[], string>("select value from meta where key = 'checkpoint' or key like 'lost:%'")
      .pluck()
      .all()
      .map((text): Checkpoint => JSON.parse(text)),
  );

/** The chain as it lies on disk, against the key and the heads that went out. */
export function verdictOf(dir: string, publicKey: string, heads: Signed['heads'] = []): Verdict {
  return verifyChain(auditRows(dir), { terminal, publicKey, heads }, checkpointsOf(dir));
}

/** The sentence of a fault that was raised. */
export function faultOf(sink: RecordingSink, name: string): string {
  for (const fact of sink.facts)
    if (fact.kind === 'fault.raised' && fact.fault === name) return fact.detail;
  throw new Error(`no ${name} among ${JSON.stringify(sink.facts)}`);
}

export const isThere = (dir: string, name: string): boolean => existsSync(join(dir, name));

export const incidents = ({ durable }: Reopened): string[] => Object.keys(durable.incidents).sort();
export const alarms = async ({ store }: Reopened): Promise<string[]> =>
  (await store.page('alarm', -1, 1000)).map(({ id }) => id);
export const presses = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => pressId(i + 1));

/** A directory for a test, and the stores that were opened in it. */
export class Rig {
  #dir: ReturnType<typeof tempDir> | null = null;
  #open: Reopened[] = [];

  begin(): void {
    this.#dir = tempDir();
  }

  async end(): Promise<void> {
    await this.closeAll();
    this.#dir?.remove();
  }

  get path(): string {
    if (!this.#dir) throw new Error('the rig has begun');
    return this.#dir.path;
  }

  get file(): string {
    return join(this.path, databaseFile);
  }

  readonly reopen = (): Reopened => {
    return this.keep(openStore(this.path));
  };

  keep(one: Reopened): Reopened {
    this.#open.push(one);
    return one;
  }

  readonly closeAll = async (): Promise<void> => {
    for (const { store } of this.#open) await store.close();
    this.#open = [];
  };

  /** As if nothing had been: a press is stored, and is there at the next start. */
  async works(one: Reopened, n = 9000): Promise<void> {
    expect(one.store.commit(press(n))).toMatchObject({ durable: true });
    await this.closeAll();
    const again = this.reopen();
    expect(incidents(again)).toContain(pressId(n));
    expect(again.sink.facts).toEqual([]);
  }
}
