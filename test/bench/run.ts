// The benchmark: `npm run bench [-- --only press,drain,..] [--presses N] [--rows N] [--messages N]
// [--kills N] [--bursts N] [--calls N] [--full]`; without --only everything. Measures what was selected,
// merges it into results.json, writes RESULTS.md and the README's tables from that. Judges nothing: targets
// stand beside the figures. `--full` idles for ten minutes. `--dry` prints and writes nothing.

import { parseArgs } from 'node:util';
import { measureBacklog } from './backlog.ts';
import { measureDomeCall } from './dome-call.ts';
import { measureDomeHanging } from './dome-hanging.ts';
import { measureDrain } from './drain.ts';
import { measureEchoes } from './echo.ts';
import { measureIdle } from './idle.ts';
import { measureLive } from './live.ts';
import { peersTable } from './peers/table.ts';
import { measurePeers } from './peers.ts';
import { measurePress } from './press.ts';
import { rendered, tableOf } from './render.ts';
import { merge, type Results, readResults, tookPlace, writeResults } from './results.ts';
import { measureStart } from './start.ts';
import type { Figures } from './stats.ts';
import { measureStick } from './stick.ts';
import { measureTalkDelay, measureTalkGaps, measureTalkSessions } from './talk.ts';
import { measureThin } from './thin.ts';
import { measureTls } from './tls.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    presses: { type: 'string', default: '400' },
    rows: { type: 'string', default: '100000' },
    messages: { type: 'string', default: '300' },
    kills: { type: 'string', default: '30' },
    bursts: { type: 'string', default: '60' },
    calls: { type: 'string', default: '200' },
    full: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
  },
});

const parts: { readonly [name: string]: () => Promise<Figures> } = {
  press: () => measurePress(positive('presses', values.presses)),
  drain: () => measureDrain(positive('rows', values.rows)),
  backlog: () => measureBacklog(positive('rows', values.rows)),
  'dome-call': () => measureDomeCall(positive('presses', values.presses)),
  'dome-hanging': () => measureDomeHanging(positive('presses', values.presses)),
  stick: () => measureStick(positive('presses', values.presses)),
  tls: () => measureTls(positive('presses', values.presses)),
  thin: () => measureThin(Math.min(100, positive('presses', values.presses))),
  peers: () => measurePeers(positive('messages', values.messages), positive('kills', values.kills)),
  echo: measureEchoes,
  start: measureStart,
  idle: () => measureIdle(values.full),
  talk: () => measureTalkDelay(positive('bursts', values.bursts)),
  'talk-gaps': measureTalkGaps,
  'talk-sessions': () => measureTalkSessions(positive('calls', values.calls)),
  live: measureLive,
};

function positive(name: string, given: string): number {
  if (!/^[1-9]\d{0,8}$/.test(given)) stop(`--${name} ${given}: must be a number above 0`);
  return Number(given);
}

function stop(why: string): never {
  console.error(`bench: ${why}`);
  process.exit(64);
}

const selected = values.only?.split(',') ?? Object.keys(parts);
const unknown = selected.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) stop(`--only ${unknown}: must be of ${Object.keys(parts).join(', ')}`);

let results: Results = readResults();
for (const name of selected) {
  console.error(`bench: ${name} ..`);
  // Looked at first: the checkout may move on meanwhile.
  const place = tookPlace(name);
  const figures = await parts[name]?.();
  // Written after each part: a later one that fails costs only itself.
  results = merge(results, { ...figures, ...place });
  if (!values.dry) {
    const tables = { figures: tableOf(results), peers: peersTable(results) };
    writeResults(results, rendered(results), tables);
  }
}
console.log(rendered(results));
