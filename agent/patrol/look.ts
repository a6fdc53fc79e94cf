// One look at one part, by the patrol or an acceptance: what it may use, and what it says.

import type { State } from '../core/state.ts';
import type { Picture } from '../dome/probe/pictures.ts';
import type { Clock, Committed, StoreFigures, Turn } from '../ports.ts';
import type { Records } from '../store/protocol.ts';

export interface Look {
  readonly ok: boolean;
  /** One sentence: what was found, or what is wrong and what to do. */
  readonly detail: string;
  /** A fault that tells it already. */
  readonly told?: string;
  /** What was measured, for a certificate. */
  readonly ms?: number;
}

/** What of the configuration it goes by. */
export interface PatrolConfig {
  readonly data: { readonly dir: string };
  readonly broker: { readonly tls: { readonly cert: string | null } | null };
  readonly boxes: readonly { readonly id: string; readonly indicator?: unknown }[];
  readonly modems: readonly { readonly id: string }[];
  readonly modbus: readonly { readonly id: string }[];
  readonly gpio: { readonly outputs: { readonly lamp: unknown } } | null;
  readonly dome: { readonly inputs: readonly { readonly id: string }[] } | null;
  readonly media: { readonly sound: unknown } | null;
}

export interface PatrolWorld {
  readonly terminal: string;
  readonly config: PatrolConfig;
  readonly clock: Clock;
  readonly state: () => State;
  readonly store: {
    commit(turn: Turn): Committed;
    figures(): StoreFigures;
    records(before: number | null, limit: number): Promise<Records>;
    sign(text: string): string;
    readonly evidence: { readonly keyId: string; readonly publicKey: string };
  };
  readonly line: { roundTrip(withinMs: number): Promise<number | null> };
  /** Snapshots of the dome; null: none is configured. */
  readonly eyes: {
    look(count: number): Promise<readonly Picture[]>;
    /** What reads them is missing. */
    isBlind?(): boolean;
  } | null;
}

export type LookAt = (world: PatrolWorld) => Look | Promise<Look>;

export const well = (detail: string, ms?: number): Look => ({
  ...{ ok: true, detail },
  ...(ms === undefined ? {} : { ms }),
});
export const unwell = (detail: string, ms?: number): Look => ({ ...well(detail, ms), ok: false });

/** The first fault whose name begins like one of these. */
export function faultOf({ state }: PatrolWorld, ...prefixes: string[]): Look | null {
  const all = Object.values(state().live.faults);
  const found = all.find(({ fault }) => prefixes.some((prefix) => fault.startsWith(prefix)));
  return found ? { ok: false, detail: found.detail, told: found.fault } : null;
}
