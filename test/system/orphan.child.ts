// A daemon with a place, to be ended by SIGKILL: prints the pid of the place once it is up.

import { join } from 'node:path';
import { systemClock } from '#agent/system/clock.ts';
import { Supervisor } from '#agent/system/supervisor.ts';
import { hears, tells } from './dummy-messages.ts';

const supervisor = new Supervisor({
  place: 'dummy',
  command: [process.execPath, join(import.meta.dirname, 'dummy-place.ts')],
  env: {},
  hears,
  tells,
  clock: systemClock(),
  chance: () => 0.5,
  heard: () => undefined,
  up: () => console.log(supervisor.pid),
  said: console.error,
});
supervisor.open({ emit: console.error });
