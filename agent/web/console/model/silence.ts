// How loud a terminal is that has gone silent: a list, a notice beside the alarms, or a sound, as the city's
// policy says. With an open case it is never less than loud. Pure.

import type { TerminalView } from '../../client/terminals.ts';
import type { SilencePolicy } from '../config.ts';

export type Loudness = 'none' | 'list' | 'notice' | 'alarm';

/** `goneMs`: when it was noticed that it had gone, null: it is there. */
export function loudnessOf(
  { id, online, incidents }: Pick<TerminalView, 'id' | 'online' | 'incidents'>,
  goneMs: number | null,
  nowMs: number,
  { noticeAfterS, alarmAfterS, quiet }: SilencePolicy,
): Loudness {
  if (online || goneMs === null) return 'none';
  if (incidents.length > 0) return 'alarm';
  if (quiet.includes(id)) return 'list';
  const silentS = (nowMs - goneMs) / 1000;
  if (alarmAfterS !== null && silentS >= alarmAfterS) return 'alarm';
  return silentS >= noticeAfterS ? 'notice' : 'list';
}
