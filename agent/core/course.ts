// How far each open case has come, and how the lights are switched: what dispatchers at several desks have
// to agree on, one who has just sat down too. Told in the birth message; nothing is decided here.

import { inputNameOf } from './incident.ts';
import type { Durable, Incident, Live, Moment, Site } from './state.ts';

/** Wall clock, milliseconds; null: not yet, or never. */
export interface Course {
  readonly inputName: string;
  readonly sentWallMs: number | null;
  readonly receivedWallMs: number | null;
  readonly undeliveredWallMs: number | null;
  readonly falseAlarmWallMs: number | null;
}

const wall = (moment: Moment | null): number | null => moment?.wallMs ?? null;

export const courseOf = (incident: Incident, live: Live): Course => ({
  inputName: inputNameOf(incident, live),
  sentWallMs: wall(incident.sent),
  receivedWallMs: wall(incident.received),
  undeliveredWallMs: wall(incident.undelivered),
  falseAlarmWallMs: wall(incident.falseAlarm),
});

/** As dispatchers have switched them. */
export const lightsOf = ({ site }: Durable): Pick<Site, 'strobe' | 'siren'> => ({
  strobe: site.site?.strobe ?? 'auto',
  siren: site.site?.siren ?? 'auto',
});
