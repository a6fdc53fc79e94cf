// The store in memory and the one on a real file keep the same contract.

import { MemoryStore } from '#test/fakes/store.ts';
import { auditRows, smallStore, tempDir, terminal, wire } from '#test/store/support.ts';
import { storeSuite } from './store.suite.ts';

storeSuite('in memory', async () => {
  const store = new MemoryStore({ terminal, wire });
  return {
    store,
    restart: async () => store.crash(),
    audit: () => [...store.audit],
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
    async dispose() {
      await store.close();
      dir.remove();
    },
  };
});
