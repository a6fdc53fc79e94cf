// A store in a place that a disk has spoilt (see places.test): plays one story and prints what it saw as
// one line of JSON. Runs where the mounts of the story are, and end with it.

import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { databaseFile } from '#agent/store/store.ts';
import { until } from '#test/support/wait.ts';
import { journalOf, openStore, quarantined, type Reopened } from './damage.ts';
import { nothing, press, pressId } from './support.ts';

const [dir, story] = process.argv.slice(2);
if (!dir) throw new Error('places.child DIR STORY');
const sizes = { pageCapMb: 6, walFrames: 1200, openMs: 5000 };
let n = 0;

const open = (place: string): Reopened => openStore(place, sizes);
const faults = ({ sink }: Reopened) =>
  sink.facts.flatMap((fact) =>
    fact.kind === 'fault.raised' ? [`${fact.fault}: ${fact.detail}`] : [],
  );
const presses = ({ store }: Reopened, count: number) =>
  Array.from({ length: count }, () => store.commit(press(++n)));
const stored = (one: Reopened, count: number) =>
  presses(one, count).filter(({ durable }) => durable).length;

function fillUp(name: string): string {
  const file = join(dir ?? '', name);
  const fd = openSync(file, 'w');
  for (let bytes = 1 << 20; bytes >= 512; ) {
    try {
      if (writeSync(fd, Buffer.alloc(bytes)) < bytes) bytes /= 2;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      bytes /= 2;
    }
  }
  closeSync(fd);
  return file;
}

/** The last block is gone while the terminal works, and when it starts. */
async function full(place: string) {
  const [old, fresh] = [join(place, 'old'), join(place, 'fresh')];
  for (const made of [old, fresh]) mkdirSync(made);
  const first = open(old);
  const before = stored(first, 5);
  await until(() => journalOf(old) !== null, { withinMs: 5000, what: 'the journal at its size' });
  const filler = fillUp('filler');
  const during = stored(first, 300);
  const settled = first.store.commit({ ...nothing, settle: [pressId(1)] }).durable;
  await first.store.close();
  const again = open(old);
  const after = { stored: stored(again, 20), faults: faults(again) };
  const open0 = Object.keys(again.durable.incidents).length;
  await again.store.close();
  const homeless = open(fresh);
  const memory = { commits: presses(homeless, 3), faults: faults(homeless) };
  await homeless.store.close();
  const file = join(old, databaseFile);
  const bytes = readFileSync(file);
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.alloc(4096, 0xa5), 0, 4096, 0);
  closeSync(fd);
  rmSync(`${file}-wal`);
  const extra = fillUp('extra');
  const damaged = open(old);
  const incidents = Object.keys(damaged.durable.incidents).length;
  const torn = { incidents, faults: faults(damaged), kept: quarantined(old) };
  await damaged.store.close();
  rmSync(filler);
  rmSync(extra);
  writeFileSync(join(place, 'half'), Buffer.alloc(4 << 20));
  const cramped = open(fresh);
  const small = { stored: stored(cramped, 5), faults: faults(cramped) };
  await cramped.store.close();
  return { before, during, settled, after, open0, memory, torn, small, bytes: bytes.length };
}

async function readOnly(place: string) {
  const one = open(place);
  const commits = presses(one, 3);
  const alarms = (await one.store.page('alarm', -1, 100)).length;
  await one.store.close();
  return {
    incidents: Object.keys(one.durable.incidents).length,
    commits,
    alarms,
    faults: faults(one),
  };
}

n = story === 'full' ? 0 : 100;
const seen = await (story === 'full' ? full(dir) : readOnly(dir));
writeSync(1, `${JSON.stringify(seen)}\n`);
