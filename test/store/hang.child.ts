// A process whose fsync can be made to hang (see fsync-shim). Plays one story and prints what it saw
// as one line of JSON; ends itself by SIGKILL where nothing else would end it.

import { rmSync, writeFileSync, writeSync } from 'node:fs';
import { until } from '#test/support/wait.ts';
import { journalOf } from './damage.ts';
import { press, RecordingSink, smallStore } from './support.ts';

const [dir, story] = process.argv.slice(2);
const hangFile = process.env.HANG_FILE;
if (!dir || !hangFile) throw new Error('hang.child DIR STORY with HANG_FILE');
const hanging: string = hangFile;
const sink = new RecordingSink();
const store = smallStore(dir, { closeMs: 300 });
store.open(sink);

let n = 0;
function timed() {
  const startMs = performance.now();
  const { durable, reason, rows } = store.commit(press(++n));
  return { durable, reason, rows: rows.length, ms: performance.now() - startMs };
}

const journal = (alarms: number): Promise<unknown> =>
  until(() => journalOf(`${dir}`)?.alarms.length === alarms, {
    ...{ withinMs: 5000, what: `${alarms} alarms in the journal` },
  });

const before = timed();
if (story === 'stay') await journal(1);
writeFileSync(hanging, '');
const first = timed();
if (story === 'stay') await journal(2);
const later = Array.from({ length: 20 }, timed);
const { behind } = store.figures();

async function recover() {
  rmSync(hanging);
  await until(() => sink.facts.length > 0, { withinMs: 5000, what: 'storage.recovered' });
  const after = timed();
  const told = sink.kinds();
  await store.close();
  return { told, after, stuck: store.stuck, behindAfter: store.figures().behind };
}

async function closeAnyway() {
  const startMs = performance.now();
  await store.close();
  return { closeMs: performance.now() - startMs, stuck: store.stuck };
}

/** Until the parent kills it: with presses that are in the journal alone. */
async function stay(): Promise<unknown> {
  writeSync(1, `${JSON.stringify({ first, later })}\n`);
  return until(() => false, { withinMs: 15_000, what: 'SIGKILL' });
}

if (story === 'stay') await stay();
const end = story === 'close' ? await closeAnyway() : await recover();
writeSync(1, `${JSON.stringify({ before, first, later, behind, ...end })}\n`);
if (store.stuck) process.kill(process.pid, 'SIGKILL');
