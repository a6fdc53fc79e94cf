// `updating.ts MOUNTED KEY RELEASE`: root's updater at work on a mounted disk, in a process of its own,
// because the one that serves the disk cannot wait for it. Says `PID` of the updater's group when it begins.

import { readFileSync } from 'node:fs';
import { Rig } from '#test/update/rig.ts';
import { run } from '../command.ts';

const [root = '', key = '', release = ''] = process.argv.slice(2);
const rig = await new Rig(root).open();
rig.trust(readFileSync(key, 'utf8'));
rig.offer(release);
// Versions, key and offer are on the disk: the update alone is cut.
await run(['sync', '-f', root]);
const ends = rig.run(['pause=0.1', 'watch=1']);
console.log(`${rig.pid}`);
await ends;
await rig.ends();
