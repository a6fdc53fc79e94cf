// Loads every native module once, each in a child of its own, and looks at exit code and signal:
// one built against other headers installs without a word and then dies of SIGSEGV when loaded.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const limitMs = 20_000;

const loads = {
  'better-sqlite3': `new (require('better-sqlite3'))(':memory:').prepare('select 1').get()`,
  '@serialport/bindings-cpp': `require('@serialport/bindings-cpp').autoDetect()`,
  onoff: `require('onoff')`,
  // Its threads outlive the script, so it has to be told to leave.
  // Likewise: its natural end hangs.
  'node-datachannel': `require('node-datachannel').preload(); process.exit(0)`,
  '@roamhq/wrtc': `require('@roamhq/wrtc'); process.exit(0)`,
};

for (const [name, script] of Object.entries(loads)) {
  const child = spawnSync(process.execPath, ['-e', script], {
    cwd: root,
    encoding: 'utf8',
    timeout: limitMs,
  });
  if (child.status === 0 && child.signal === null) continue;
  const how = child.signal === null ? `exit code ${child.status}` : `signal ${child.signal}`;
  console.error(`${name} does not load: ${how}\n${child.stderr.trim()}`);
  process.exitCode = 1;
}
