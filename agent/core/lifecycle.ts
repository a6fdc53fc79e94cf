// What becomes of the machine under a terminal over the years: backed up, replaced by another, retired. Each
// is a record; the platform is told of the last two.

import type { Draft } from './draft.ts';

/** A PC took the place of another, from its backup: its numbers have leapt, its records go on behind a
 * gap. */
export interface Replaced {
  readonly kind: 'terminal.replaced';
  /** Who did it, as the system names them. */
  readonly user: string;
  /** Name of the machine the backup is of. */
  readonly from: string;
  /** When the backup was made, by that machine's clock. */
  readonly backupWallMs: number;
}

/** Keys and records are about to be wiped. */
export interface Retired {
  readonly kind: 'terminal.retired';
  readonly user: string;
  /** Messages that the platform had not confirmed. */
  readonly unsent: number;
  /** Why they may be lost; null: there were none, and no open case. */
  readonly reason: string | null;
}

export type LifecycleFact =
  | Replaced
  | Retired
  | {
      readonly kind: 'backup.made';
      readonly user: string;
      readonly lockedBy: 'passphrase' | 'recipient';
      readonly clips: boolean;
    };

export type LifecycleBody = Replaced | Retired;

export const lifecycleClass = {
  'backup.made': 'audit',
  'terminal.replaced': 'audit',
  'terminal.retired': 'audit',
} as const;

export const lifecycleTold = (draft: Draft, fact: LifecycleBody): void =>
  void draft.tell('event', fact);
