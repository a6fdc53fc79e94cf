// Where what the agent and root's updater have in common lies.

import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** In Debian's words. */
export const debianArch: string = process.arch === 'x64' ? 'amd64' : process.arch;

/** What root's updater waits for (systemd/gate-agent-update.path). */
export const readyName = 'ready';

/** Name of the version that runs: of its folder, which is what root's updater goes by; of a program that is
 * not installed, `otherwise`. */
export function runningVersion(otherwise: string): string {
  const folder = dirname(fileURLToPath(import.meta.url));
  return basename(dirname(folder)) === 'versions' ? basename(folder) : otherwise;
}

export interface UpdatePlaces {
  /** Where a release is handed to root's updater; the agent's own folder. */
  readonly spool: string;
  /** PEM file: by whom a release may be signed. */
  readonly keys: string;
  /** What root's updater has said last. */
  readonly result: string;
}

/** The bundle is versions/X/main.cjs, and `update` lies beside `versions`. */
export const updatePlaces = (configFile: string, stateDir: string): UpdatePlaces => ({
  spool: join(stateDir, 'update'),
  keys: join(dirname(configFile), 'release.pub'),
  result: fileURLToPath(new URL('../../update/result', import.meta.url)),
});
