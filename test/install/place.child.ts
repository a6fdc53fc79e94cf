// Writes a site over another and is killed just before the n-th call that changes the disk: argv is n, the
// configuration file and the new broker's password. Prints how many such calls there are where it is not
// killed.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { surroundings } from '#agent/config.ts';

const [, , fatal = '0', file = '', password = ''] = process.argv;
const changing = [
  ...(['mkdirSync', 'writeFileSync', 'fsyncSync', 'renameSync', 'rmSync'] as const),
  ...(['fchmodSync', 'chmodSync', 'closeSync'] as const),
];
let calls = 0;
let isOn = false;
for (const name of changing) {
  const real: (...args: never[]) => unknown = fs[name];
  const counted = (...args: never[]) => {
    if (isOn && ++calls === Number(fatal)) process.kill(process.pid, 'SIGKILL');
    return real(...args);
  };
  Object.assign(fs, { [name]: counted });
}
syncBuiltinESMExports();

const { placeSite } = await import('#agent/install/place.ts');
const { siteOf } = await import('./sites.ts');
const { places } = surroundings({ RUNTIME_DIRECTORY: '/nonexistent' });
isOn = true;
const placed = placeSite(
  { site: siteOf(password), panelPin: null },
  { file, places, parseProfile: () => null, by: 'test' },
);
placed.finish();
process.stdout.write(`${calls}\n`);
