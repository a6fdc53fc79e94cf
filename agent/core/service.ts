// Somebody at work on the terminal itself: opens and closes service mode, and ends what was pressed in it.
// What is real, or a drill, only a role that may resolve ends.

import type { Draft } from './draft.ts';
import { resolve } from './incident.ts';
import { windowMinutesMax } from './mark.ts';
import { rowOf } from './state.ts';
import { closeWindow, openWindow } from './windows.ts';

export type ServiceAct =
  | { readonly do: 'open' | 'close' }
  | { readonly do: 'resolve'; readonly incident: string };

export interface ServiceAsked {
  /** As they called themselves. */
  readonly user: string;
  readonly act: ServiceAct;
}

/** Of a window that is opened at the terminal itself. */
export const localRole = 'local';

/** Takes a `service.asked` fact. Whether it was done the state says. */
export function serviceAsked(draft: Draft, { user, act }: ServiceAsked): void {
  const by = { role: localRole, user };
  const mark = 'service';
  if (act.do === 'resolve') end(draft, act.incident, user);
  else if (act.do === 'close') closeWindow(draft, { mark }, by);
  else openWindow(draft, { mark, minutes: windowMinutesMax.service, siren: false }, by);
}

/** The row says `installer`: a version before this one knows no `local`. */
function end(draft: Draft, id: string, user: string): void {
  const incident = rowOf(draft.durable.incidents, id);
  if (incident?.mark !== 'service' || incident.resolved) return;
  const by = { role: 'installer', user, at: draft.at } as const;
  resolve(draft, id, { by, reason: 'service', note: null });
}
