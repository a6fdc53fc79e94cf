// What the driver of a dome is made of.

import type { Clock } from '../ports.ts';
import type { ClockPolicy } from './dome-clock.ts';
import type { Ears } from './hearing.ts';
import type { Profile } from './profile.ts';

export interface OnvifDomeOptions {
  /** `http://192.168.1.64`, or that of its device service where it is not the usual one. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly profile: Profile;
  readonly clock: Clock;
  /** A number in [0, 1): jitter. */
  readonly chance: () => number;
  /** PEM, for https: the CA that signed the dome's certificate, or that certificate itself. */
  readonly ca?: string;
  /** What its events mean here; absent: nothing is listened to. */
  readonly ears?: Ears;
  /** What becomes of a clock of its own that is wrong; absent: it is told. */
  readonly domeClock?: ClockPolicy;
  /** As if its cable were pulled, for a test of the whole. */
  readonly isAway?: () => boolean;
}
