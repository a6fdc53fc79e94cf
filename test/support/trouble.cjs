// Preloaded into a daemon: at SIGUSR2 it gets into the trouble that $TROUBLE_FILE names: `block 300`
// holds its event loop for so many milliseconds, `hog` eats memory until V8 gives up.
'use strict';

const { isMainThread } = require('node:worker_threads');

/** Only the daemon itself: its launcher may run node for other things, and its worker inherits this. */
if (isMainThread && /main\.cjs$/.test(process.argv[1] ?? '')) {
  const { readFileSync } = require('node:fs');
  process.on('SIGUSR2', () => {
    const [what, ms] = readFileSync(process.env.TROUBLE_FILE, 'utf8').split(' ');
    if (what === 'block') {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms));
    } else {
      const hoard = [];
      for (;;) hoard.push(new Array(10_000).fill(hoard.length));
    }
  });
}
