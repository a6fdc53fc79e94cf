// A child place comes after the daemon where the processor is short: systemd starts the daemon ahead of
// everybody (Nice= of the unit), and what it starts would be ahead with it.

import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Takes this process, and whatever it starts, back to the priority that others have. Linux has one a
 * thread; node's own are there already. */
export function comeBehind(): void {
  if (getPriority() >= 0) return;
  for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), 0);
}
