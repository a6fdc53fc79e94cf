// The last step: writes the site, has the daemon restarted with it and waits until it says that it is armed;
// where it does not, what was there before comes back. Nothing is written while an incident is open.

import type { StatusReport } from '../status.ts';
import { type DaemonPort, refuseDuringIncident, restartArmed } from './daemon.ts';
import type { Draft } from './draft.ts';
import { type PlaceOptions, placeSite } from './place.ts';
import { textAt } from './site.ts';
import { codes, Trouble } from './words.ts';

export interface Applied {
  readonly files: readonly string[];
  /** null: it was written, and nobody here restarts the daemon. */
  readonly status: StatusReport | null;
}

/** Throws a `Refusal` where the loader refuses the site, a `Trouble` for all else that fails. */
export async function apply(
  draft: Pick<Draft, 'site' | 'panelPin'>,
  place: PlaceOptions,
  daemon: DaemonPort,
): Promise<Applied> {
  await refuseDuringIncident(daemon.ask);
  const placed = placeSite(draft, place);
  if (daemon.restart === null) {
    placed.finish();
    return { files: placed.files, status: null };
  }
  try {
    const status = await restartArmed(daemon, textAt(draft.site, 'terminal.id') ?? '');
    placed.finish();
    return { files: placed.files, status };
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    placed.undo();
    await daemon.restart();
    const [en, zh] = error.words;
    const words = [`${en}. The configuration of before is back.`, `${zh}。已恢复原配置。`] as const;
    throw new Trouble(codes.unavailable, words, error);
  }
}
