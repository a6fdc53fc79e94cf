// The store in memory and the one on a real file keep the same contract.

import { MemoryStore } from '#test/fakes/store.ts';
import {
  auditRows,
  readDatabase,
  smallStore,
  tempDir,
  terminal,
  wire,
} from '#test/store/support.ts';
import { storeSuite } from './store.suite.ts';

storeSuite('in memory', async () => {
  const store = new MemoryStore({ terminal, wire });
  return {
    store,
    restart: async () => store.crash(),
    audit: () => [...store.audit],
    spoil: (table, id, body) => store.spoil(table, id, body),
    dispose: () => store.close(),
  };
});

storeSuite('SQLite on a real file', async () => {
  const dir = tempDir();
  let store = smallStore(dir.path);
  return {
    get store() {
      return store;
    },
    async restart() {
      await store.close();
      store = smallStore(dir.path);
    },
    audit: () => auditRows(dir.path),
    spoil(table, id, body) {
      const put = 'insert or replace into entity values (?, ?, ?)';
      readDatabase(dir.path, (db) => db.prepare(put).run(table, id, body));
    },
    async dispose() {
      await store.close();
      dir.remove();
    },
  };
});
