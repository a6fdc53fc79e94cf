// Is the wall clock kept by a time service? Used for the clock quality that every record carries.

import { existsSync } from 'node:fs';

/** systemd-timesyncd keeps this file once it has heard a server; its directory exists from start. */
const timesync = '/run/systemd/timesync';

/** False only where a time service runs and says that it has not heard a server yet. */
export const clockSynchronised = (): boolean =>
  !existsSync(timesync) || existsSync(`${timesync}/synchronized`);
