// Commits presses for ever and prints the number of each that is confirmed. Killed from outside.

import { writeSync } from 'node:fs';
import { press, pressId, RecordingSink, smallStore } from './support.ts';

const dir = process.argv[2];
if (!dir) throw new Error('kill.child DIR');
const store = smallStore(dir);
const incidents = Object.keys(store.open(new RecordingSink()).incidents);
let n = incidents.length === 0 ? 0 : Number(incidents.toSorted().at(-1)?.slice(6));
for (;;) {
  n++;
  const settle = n > 50 ? [pressId(n - 50)] : [];
  if (store.commit({ ...press(n), settle }).durable) writeSync(1, `${n}\n`);
}
