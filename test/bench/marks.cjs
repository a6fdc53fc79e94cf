// Preloaded into the daemon under measurement: hands its marks to file descriptor 3, or to the file
// MARKS_FILE, one JSON a line. Stamps when a mark is made and writes 5 ms later, so that the path
// being measured does not wait; at once with BENCH_MARKS=now, for whoever has to act on it.
'use strict';

const { isMainThread } = require('node:worker_threads');

/** Only the daemon itself: its launcher may run node for other things, its worker inherits this. */
if (isMainThread && /main\.cjs$/.test(process.argv[1] ?? '')) {
  const { openSync, writeSync } = require('node:fs');
  const { subscribe } = require('node:diagnostics_channel');
  const { MARKS_FILE } = process.env;
  const out = MARKS_FILE ? openSync(MARKS_FILE, 'a') : 3;
  const waiting = [];
  const write = () => {
    const lines = waiting.splice(0).map(({ ns, mark }) => {
      return `${JSON.stringify({ ...mark, atMs: Number(ns) / 1e6 })}\n`;
    });
    writeSync(out, lines.join(''));
  };
  const isNow = process.env.BENCH_MARKS === 'now';
  subscribe('gate-agent.marks', (mark) => {
    waiting.push({ ns: process.hrtime.bigint(), mark });
    if (isNow) write();
    else if (waiting.length === 1) setTimeout(write, 5);
  });
}
