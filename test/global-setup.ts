// Builds the bundle once before the suites that start real daemons, whatever its age.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Vitest asks once a project; the environment is what these calls have in common. */
export default function buildBundle(): void {
  if (process.env.GATE_AGENT_BUNDLED === 'yes') return;
  execFileSync(process.execPath, [join(import.meta.dirname, '../scripts/build.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.env.GATE_AGENT_BUNDLED = 'yes';
}
