// What people are told of the store: one sentence each of what, why and what to do.

import type { ChainAt } from './chain.ts';
import type { Replaced } from './protocol.ts';

export const faults = {
  /** Moved aside, or not usable at all. */
  database: 'storage.database',
  /** It knew less than the alarm journal. Raised and cleared: nothing is left to do. */
  behind: 'storage.behind',
  journal: 'storage.journal',
  key: 'storage.key',
  reserve: 'storage.reserve',
  /** The worker ended by itself; it is replaced, and the fault cleared when it has the database open. */
  thread: 'storage.thread',
  /** The page cap is reached: telemetry and events give way, oldest first. */
  full: 'storage.outbox-full',
} as const;

const nameOf = ({ seq, hash }: ChainAt): string => `${seq} (${hash.slice(0, 16)})`;

export function replacedText(replaced: Replaced, head: ChainAt): string {
  const { why, kept, entities, outboxRows, records } = replaced;
  const saved = `${entities} rows, ${outboxRows} messages and ${records} records were saved from it`;
  return (
    `the database was damaged (${why}) and is kept as ${kept}; ${saved}, open incidents also from the ` +
    `alarm journal; the old records ended with ${nameOf(head)}. Have the disk checked`
  );
}

export const memoryText = (reason: string): string =>
  `the database cannot be used (${reason}); alarms go out from memory and the alarm journal, and ` +
  'are never called stored. Mend it and restart gate-agent';

export const behindText = (turns: number, head: ChainAt): string =>
  `the database lacks the last ${turns} changes that the alarm journal knows of; open incidents and ` +
  `unsent alarms were taken from the journal; the last record known of is ${nameOf(head)}`;

export const reserveText = (capMb: number): string =>
  `the disk has no room for the ${capMb} MiB that the database keeps for itself: once it is full, ` +
  'presses are no longer stored. Make room on it';

export const journalText = (reason: string): string =>
  `the alarm journal cannot be written (${reason}): what the database does not take is in ` +
  'memory alone. Check the disk';

export const fullText = (rows: number): string =>
  `the database is full: ${rows} rows of telemetry and events gave way, more may follow; ` +
  'restore the link to the platform';
