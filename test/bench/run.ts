// The benchmark: `npm run bench [-- --only press,..] [--presses N] [--rows N] [--messages N] [--kills N]
// [--bursts N] [--tone S] [--calls N] [--joins N] [--seeds N] [--full] [--dry]`; without --only everything.
// Merges what it measures into results.json, and writes RESULTS.md and the README's tables from that. Judges
// nothing: targets stand beside the figures. `--full` idles for ten minutes; `--dry` writes nothing. A part
// that fails says why, the others go on, and the exit code is 1.

import { parseArgs } from 'node:util';
import { measureBacklog } from './backlog.ts';
import { measureClip } from './clip.ts';
import { measureConsole } from './console.ts';
import { measureDomeCall } from './dome-call.ts';
import { measureDomeHanging } from './dome-hanging.ts';
import { measureDrain } from './drain.ts';
import { measureEchoes } from './echo.ts';
import { measureIdle } from './idle.ts';
import { measureLive } from './live.ts';
import { measureMediaKills } from './media-kills.ts';
import { peersTable } from './peers/table.ts';
import { measurePeers } from './peers.ts';
import { measurePress } from './press.ts';
import { measureProbe } from './probe.ts';
import { rendered, tableOf } from './render.ts';
import { merge, type Results, readResults, tookPlace, without, writeResults } from './results.ts';
import { measureStart } from './start.ts';
import type { Figures } from './stats.ts';
import { Partly } from './steps.ts';
import { measureStick } from './stick.ts';
import { measureTalkDelay, measureTalkGaps, measureTalkSessions } from './talk.ts';
import { measureThin } from './thin.ts';
import { measureTls } from './tls.ts';
import { measureTrack } from './track.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    presses: { type: 'string', default: '400' },
    rows: { type: 'string', default: '100000' },
    messages: { type: 'string', default: '300' },
    kills: { type: 'string', default: '30' },
    bursts: { type: 'string', default: '60' },
    tone: { type: 'string', default: '20' },
    calls: { type: 'string', default: '200' },
    joins: { type: 'string', default: '40' },
    seeds: { type: 'string', default: '200' },
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
  track: measureTrack,
  start: measureStart,
  idle: () => measureIdle(values.full),
  talk: () => measureTalkDelay(positive('bursts', values.bursts)),
  'talk-gaps': () => measureTalkGaps(positive('tone', values.tone)),
  'talk-sessions': () => measureTalkSessions(positive('calls', values.calls)),
  live: () => measureLive(positive('joins', values.joins), positive('calls', values.calls)),
  clip: () => measureClip(positive('presses', values.presses)),
  console: () => measureConsole(Math.min(30, positive('presses', values.presses))),
  probe: () => measureProbe(positive('seeds', values.seeds)),
  'media-kills': () => measureMediaKills(positive('presses', values.presses)),
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

/** Says in the results what could not be measured of a part: its figures there are older. */
const missingOf = (name: string): string => `${name}_missing`;

/** Null: nothing of it. */
async function measured(name: string): Promise<Figures | null> {
  try {
    return (await parts[name]?.()) ?? null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.exitCode = 1;
    console.error(`bench: ${name} failed:`, error);
    if (!(error instanceof Partly) || Object.keys(error.figures).length === 0) return null;
    return { ...error.figures, [missingOf(name)]: error.message };
  }
}

let results: Results = readResults();
for (const name of selected) {
  console.error(`bench: ${name} ..`);
  // Looked at first: the checkout may move on meanwhile.
  const place = tookPlace(name);
  const figures = await measured(name);
  if (figures === null) continue;
  // Written after each part: a later one that is killed costs only itself.
  results = merge(without(results, missingOf(name)), { ...figures, ...place });
  if (!values.dry) {
    const tables = { figures: tableOf(results), peers: peersTable(results) };
    writeResults(results, rendered(results), tables);
  }
}
console.log(rendered(results));
