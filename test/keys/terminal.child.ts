// The terminal of rig.ts in a process that a test kills. It stands still for good when a file of the given
// name appears in the drawer, so that the test kills it exactly there.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openRig } from './rig.ts';

const [, , dir = '', port = '', haltAt = ''] = process.argv;
const halt = (): void => {
  if (haltAt === '' || !existsSync(join(dir, 'keys', haltAt))) return;
  process.stdout.write('halted\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
await openRig({ dir, port: Number(port), told: halt });
