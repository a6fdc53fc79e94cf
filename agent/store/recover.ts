// Opens the database, whatever lies in its place: what is damaged or none of ours is moved aside, kept,
// and what can be read of it is in the fresh one. Only a disk that takes nothing, or a database of a
// later release, is left as it is: that throws, and the store goes on from memory and alarm journal.

import { randomUUID } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type DatabaseType from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { build, isFull, type Opened, type OpenOptions, openDatabase } from './database.ts';
import { syncDir } from './evidence-key.ts';
import { isDamage, reasonOf } from './fault.ts';
import type { Replaced } from './protocol.ts';
import { brokenFiles, moveAside, remove } from './quarantine.ts';
import { nothing, type Salvage, salvageInto } from './salvage.ts';

export interface Recovered {
  readonly opened: Opened;
  /** Set where the database that was there had to go. */
  readonly replaced: Replaced | null;
}

/** Throws a `Refusal` or what the disk said. */
export function openAnyhow(Sqlite: typeof DatabaseType, options: OpenOptions): Recovered {
  finishReplacement(options.file);
  try {
    return { opened: openDatabase(Sqlite, options), replaced: null };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const replaced = replace(Sqlite, options, reasonOf(error));
    return { opened: openDatabase(Sqlite, options), replaced };
  }
}

const salvagedName = (file: string): string => `${file}.salvaged`;

/** A crash between the two renames of `replace`. Before them the damaged file is still in its place. */
function finishReplacement(file: string): void {
  const fresh = salvagedName(file);
  if (existsSync(file) || !existsSync(fresh)) return;
  moveAside(file);
  renameSync(fresh, file);
  syncDir(dirname(file));
}

function replace(Sqlite: typeof DatabaseType, options: OpenOptions, why: string): Replaced {
  const { file } = options;
  const fresh = salvagedName(file);
  const salvage = withRoom(file, () => buildFrom(Sqlite, fresh, options));
  const kept = moveAside(file);
  renameSync(fresh, file);
  syncDir(dirname(file));
  return { ...salvage, why, kept, id: randomUUID() };
}

function buildFrom(Sqlite: typeof DatabaseType, fresh: string, options: OpenOptions): Salvage {
  const source = openDamaged(Sqlite, options.file);
  let salvage = nothing;
  try {
    build(Sqlite, fresh, options, (db) => {
      if (source) salvage = salvageInto(db, source);
    });
  } finally {
    source?.close();
  }
  return salvage;
}

function openDamaged(Sqlite: typeof DatabaseType, file: string): Database | null {
  if (!existsSync(file)) return null;
  const db = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    db.pragma('schema_version');
    return db;
  } catch (error) {
    db.close();
    if (!isDamage(error)) throw error;
    return null;
  }
}

/** Where the disk is full, what was moved aside earlier gives way to what works now. */
function withRoom<T>(file: string, run: () => T): T {
  for (;;) {
    try {
      return run();
    } catch (error) {
      const [oldest] = brokenFiles(file);
      if (!isFull(error) || !oldest) throw error;
      remove(oldest);
    }
  }
}
