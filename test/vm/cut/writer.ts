// Commits presses with the project's own store for ever, and prints the number of each that is
// confirmed; `? ..` for one that was late (rule 2: it is kept and written when the disk answers), `! ..`
// for what the store had to say. Its power is cut from outside.

import { writeSync } from 'node:fs';
import type { Turn } from '#agent/ports.ts';
import { press, pressId, RecordingSink } from '#test/store/support.ts';
import { cutStore, waiting } from './store.ts';

const [dir = ''] = process.argv.slice(2);
const sink = new RecordingSink();
const store = cutStore(dir);
const incidents = Object.keys(store.open(sink).incidents).toSorted();
for (const fact of sink.facts) writeSync(1, `! ${JSON.stringify(fact)}\n`);

/** Press `n`; the one `waiting` before it is done with. */
function turn(n: number): Turn {
  const done = n - waiting;
  if (done < 1) return press(n);
  const { entities, ...more } = press(n);
  const gone = { table: 'incidents', id: pressId(done), body: null } as const;
  return { ...more, entities: [...entities, gone], settle: [pressId(done)] };
}

for (let n = Number(incidents.at(-1)?.slice('press-'.length) ?? 0) + 1; ; n++) {
  writeSync(1, store.commit(turn(n)).durable ? `${n}\n` : `? ${n}\n`);
}
