// What the dome is to do by itself: light, siren, picture, where it looks, whether it follows people. A
// silent case changes nothing of it. How long it may follow whom is bounded by the configuration.

import type { Now } from './fact.ts';
import { isSilent, openIncidents, restingPreset } from './incident.ts';
import { isFollowed, kindRules, rulesOf } from './kinds.ts';
import type { Incident, State } from './state.ts';
import { motionOf } from './stick.ts';
import type { DomeTarget } from './target.ts';
import { aliveSince, windowShown } from './windows.ts';

export interface DomeRules {
  /** From a press, or from a boot with the case still open; 0: never. */
  readonly trackingMs: number;
  /** Whether the picture is set for the light while it flashes. */
  readonly dayNight: boolean;
}

export const defaultDomeRules: DomeRules = { trackingMs: 3_600_000, dayNight: true };

type Instant = Omit<Now, 'id'>;

export function domeTarget({ durable, live }: State, now: Instant): DomeTarget {
  const open = openIncidents(durable);
  const { stick, setup, keyPictures } = live;
  const site = durable.site.site;
  const loud = open.filter((incident) => !isSilent(incident));
  const window = windowShown(live, now);
  const sounds = ({ kind, mark }: Incident) =>
    mark === 'drill' && mark === window?.mark && window.siren && kindRules[kind].siren;
  const on = (what: 'strobe' | 'siren'): boolean => {
    const override = site?.[what] ?? 'auto';
    if (loud.length === 0 || override === 'off') return false;
    // A row gone bad may be of a case long closed: light calls for a look, a siren would call the school.
    const wants = loud.filter(({ unreadable }) => what === 'strobe' || !unreadable);
    if (override === 'on' || wants.some((one) => rulesOf(one)[what])) return true;
    return what === 'siren' && wants.some(sounds);
  };
  const strobe = on('strobe');
  const isLeftAlone = stick.turnedMs === null;
  return {
    strobe,
    siren: on('siren'),
    dayNight: strobe && (setup.dome ?? defaultDomeRules).dayNight,
    preset: isLeftAlone ? restingPreset(open) : null,
    tracking: isLeftAlone && trackingEnds({ durable, live }, now).some((ms) => now.monoMs < ms),
    motion: motionOf(stick, now.monoMs),
    keyPictures,
  };
}

/** Monotonic times at which a case has been followed for long enough. */
function trackingEnds({ durable, live }: State, now: Instant): number[] {
  const { trackingMs } = live.setup.dome ?? defaultDomeRules;
  return openIncidents(durable)
    .filter(isFollowed)
    .map(aliveSince)
    .map(({ bootId, monoMs }) => (bootId === now.bootId ? monoMs : 0) + trackingMs);
}

/** Monotonic times at which something of it ends by itself. */
export const domeDeadlines = (state: State, now: Instant): number[] =>
  trackingEnds(state, now).filter((ms) => now.monoMs < ms);
