// Case logs in the browser's database, the newest some thousands. A browser that has none, or will not,
// costs the memory of past cases and nothing else.

import type { CaseLog } from '../model/log.ts';

const name = 'gate-console';
const table = 'cases';
export const logsMax = 5_000;
/** Read in parts, so that no part holds up the page. */
const partMax = 250;

export class Shelf {
  #database: IDBDatabase | null = null;

  /** What is kept, the newest last. */
  async open(): Promise<CaseLog[]> {
    try {
      this.#database = await opened();
      const logs = await this.#read();
      this.#prune(logs.length);
      return logs.slice(-logsMax);
    } catch (error) {
      if (error instanceof DOMException) return [];
      throw error;
    }
  }

  put(log: CaseLog): void {
    this.#database?.transaction(table, 'readwrite').objectStore(table).put(log);
  }

  close(): void {
    this.#database?.close();
    this.#database = null;
  }

  async #read(): Promise<CaseLog[]> {
    const logs: CaseLog[] = [];
    for (;;) {
      const index = this.#database?.transaction(table).objectStore(table).index('raised');
      const last = logs.at(-1);
      const after = last ? IDBKeyRange.lowerBound([last.raisedMs, last.id], true) : null;
      // Ours: nobody else writes here.
      const part = (index ? await done(index.getAll(after, partMax)) : []) as CaseLog[];
      logs.push(...part);
      if (part.length < partMax) return logs;
    }
  }

  #prune(count: number): void {
    let left = count - logsMax;
    if (left <= 0 || !this.#database) return;
    const cursor = this.#database
      .transaction(table, 'readwrite')
      .objectStore(table)
      .index('raised')
      .openCursor();
    cursor.onsuccess = () => {
      if (left-- <= 0) return;
      cursor.result?.delete();
      cursor.result?.continue();
    };
  }
}

async function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    const store = request.result.createObjectStore(table, { keyPath: 'id' });
    store.createIndex('raised', ['raisedMs', 'id']);
  };
  return done(request);
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new DOMException('no database'));
  });
