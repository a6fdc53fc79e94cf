// What each kind of alarm may do in the gate room and at the gate.

import type { Mark } from './mark.ts';
import type { Incident, Kind } from './state.ts';

export interface KindRules {
  readonly strobe: boolean;
  readonly siren: boolean;
  /** Turns the dome to the alarm preset. */
  readonly preset: boolean;
  /** The dome follows people. */
  readonly tracking: boolean;
  /** Shown and heard by nobody in the room but a discreet sign on the lamp. */
  readonly silent: boolean;
}

export const kindRules: { readonly [K in Kind]: KindRules } = {
  emergency: { strobe: true, siren: true, preset: true, tracking: true, silent: false },
  // The whole gate is to be seen, with all who leave by it.
  fire: { strobe: true, siren: true, preset: true, tracking: false, silent: false },
  // A siren would drive the helpers' voices down; the strobe shows the ambulance the gate.
  medical: { strobe: true, siren: false, preset: true, tracking: false, silent: false },
  // The dome does not move: a person who watches it would see that somebody has called.
  silent: { strobe: false, siren: false, preset: false, tracking: false, silent: true },
  // Proves button, store and line to the platform without startling the school.
  test: { strobe: false, siren: false, preset: false, tracking: false, silent: false },
};

/** What a case may do. In a drill all but the siren, which the window's opener may ask for (core/dome.ts);
 * in service nothing startles anybody, and a silent case stays silent. */
export function rulesOf({ kind, mark }: { readonly kind: Kind; readonly mark?: Mark }): KindRules {
  const rules = kindRules[kind];
  if (mark === 'drill') return { ...rules, siren: false };
  return mark === 'service' ? { ...kindRules.test, silent: rules.silent } : rules;
}

/** What a bad row was is not known, and nobody is followed because of one. */
export const isFollowed = (incident: Pick<Incident, 'kind' | 'mark' | 'unreadable'>): boolean =>
  rulesOf(incident).tracking && !incident.unreadable;
