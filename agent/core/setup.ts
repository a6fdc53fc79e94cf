// What core needs of the configuration.

import type { Role, Verb } from './command.ts';
import type { DomeRules } from './dome.ts';
import type { DrillTargets } from './drill.ts';
import type { PatrolRules } from './patrol.ts';
import type { MediaRules } from './session.ts';
import type { Kind, Table } from './state.ts';

/** What an input is for: a button raises alarms, the guard's keys claim and reset, a condition is a fault
 * for as long as its contact says so. */
export const inputRoles = [
  'button',
  'false-alarm',
  'local-reset',
  'mains',
  'battery',
  'cabinet-door',
] as const;
export type RoleName = (typeof inputRoles)[number];

export type InputRole =
  | { readonly role: 'button'; readonly kind: Kind }
  | { readonly role: Exclude<RoleName, 'button'> };

export interface Setup {
  readonly terminal: string;
  readonly version: string;
  readonly inputs: Table<InputRole & { readonly name: string }>;
  readonly receipts: 'platform' | 'none';
  readonly debounceMs: number;
  readonly rights: { readonly [R in Role]: readonly Verb[] };
  readonly media: MediaRules;
  /** Absent: `defaultDomeRules`. */
  readonly dome?: DomeRules;
  /** Clips and snapshots are kept. */
  readonly evidence?: boolean;
  /** Absent: none by itself. */
  readonly patrol?: PatrolRules;
  /** Absent: `certificateTimes.renewDays`. 0: never. */
  readonly renewDays?: number;
  /** Absent: `defaultTargets`. */
  readonly drillTargets?: DrillTargets;
  /** A button is to be tried so often, days; absent or null: nobody is reminded. */
  readonly buttonTestDays?: number | null;
}
