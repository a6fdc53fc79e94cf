// What a simulated dome can be told to be, and what it is when it is told nothing.

import type { ActuatorName } from './actuators.ts';
import type { GuardOptions } from './guard.ts';
import type { HostileTimes } from './hostile.ts';
import type { Abilities } from './services.ts';

export interface SimDomeOptions extends Partial<GuardOptions>, Partial<Abilities> {
  readonly port?: number;
  readonly password?: string;
  /** Which Type of `coaxialControlIO.cgi` switches what; empty: no such endpoint. */
  readonly coaxial?: { readonly [type: string]: ActuatorName };
  /** Host told in addresses, as behind NAT. */
  readonly advertisedHost?: string;
  readonly clockOffsetMs?: number;
  /** GetSystemDateAndTime wants a password, too. */
  readonly timeNeedsPassword?: boolean;
  readonly sirenStopsMs?: number;
  readonly hostileTimes?: Partial<HostileTimes>;
}

export const defaults = {
  username: 'admin',
  auth: 'both',
  algorithms: ['SHA-256', 'MD5'],
  windowMs: 5000,
  nonceLifeMs: 60_000,
  relays: { Relay_1: 'strobe', Relay_2: 'siren' },
  deviceAuxiliary: [
    { name: 'tt:Strobe|On', actuator: 'strobe', on: true },
    { name: 'tt:Strobe|Off', actuator: 'strobe', on: false },
  ],
  ptzAuxiliary: [
    { name: 'AUX1on', actuator: 'strobe', on: true },
    { name: 'AUX1off', actuator: 'strobe', on: false },
    { name: 'Aux_Siren_On', actuator: 'siren', on: true },
    { name: 'Aux_Siren_Off', actuator: 'siren', on: false },
    { name: 'tt:Wiper|On', actuator: 'wiper', on: true },
    { name: 'tt:Wiper|Off', actuator: 'wiper', on: false },
  ],
  presets: [
    { token: '1', name: 'guard' },
    { token: '2', name: 'alarm' },
  ],
  presetSwitches: {},
  getServices: true,
  coaxial: { '1': 'strobe', '2': 'siren' },
} satisfies Partial<SimDomeOptions>;
