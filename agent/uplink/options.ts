// What the uplink is given, and what it takes where nothing is given.

import type { Clock, Ids } from '../ports.ts';
import type { Broker } from './client.ts';
import type { Retry } from './connection.ts';
import type { KnownTime } from './dates.ts';
import type { FailoverTimes } from './failover.ts';
import type { HealthFigures, Self } from './presence.ts';

export interface UplinkOptions extends Self {
  readonly broker: Broker;
  /** Used while the first fails. */
  readonly second?: Broker | undefined;
  readonly failover?: Partial<FailoverTimes>;
  /** `none`: the platform sends no receipts, the PUBACK ends it. */
  readonly receipts: 'platform' | 'none';
  readonly clock: Clock;
  /** Absent: certificates are judged by the clock alone. */
  readonly knownTime?: KnownTime;
  readonly ids: Ids;
  /** How the newest link went: why it failed, or null when the broker has acknowledged something. */
  readonly judged?: (reason: string | null, second: boolean) => void;
  readonly health: () => HealthFigures;
  readonly retry?: Retry;
  readonly pubackWithinMs?: number;
  readonly receiptWithinMs?: number;
  readonly healthEveryMs?: number;
  /** The broker tells that we are gone this long after the link went; less than the session's 60 s. */
  readonly willDelayS?: number;
}

export const defaults = {
  retry: { firstMs: 5_000, maxMs: 20_000 },
  pubackWithinMs: 3_000,
  receiptWithinMs: 30_000,
  healthEveryMs: 60_000,
  willDelayS: 15,
} as const;

type Optional = 'second' | 'failover' | 'knownTime' | 'judged';
export type FullOptions = UplinkOptions & Required<Omit<UplinkOptions, Optional>>;
