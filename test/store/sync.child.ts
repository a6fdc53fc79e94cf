// One press on a healthy disk; prints how often the journal was flushed before and after it.

import { existsSync, readFileSync, writeSync } from 'node:fs';
import { journalFile } from '#agent/store/journal.ts';
import { until } from '#test/support/wait.ts';
import { openStore } from './damage.ts';
import { press } from './support.ts';

const [dir = ''] = process.argv.slice(2);
const log = process.env.SYNC_LOG ?? '';
const flushes = () =>
  existsSync(log)
    ? readFileSync(log, 'utf8')
        .split('\n')
        .filter((path) => path.endsWith(journalFile)).length
    : 0;

const { store } = openStore(dir);
await until(() => flushes() > 0, { withinMs: 5000, what: 'the journal at its size' });
const before = flushes();
store.commit(press(1));
await until(() => flushes() > before, { withinMs: 5000, what: 'the flush of the press' });
writeSync(1, JSON.stringify({ before, after: flushes() }));
await store.close();
