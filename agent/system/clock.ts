// The system's clocks, timers and randomness: the only file that asks for them.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClockQuality } from '../core/fact.ts';
import type { Clock, Ids } from '../ports.ts';

/** The kernel's boot id: a restart of the daemon alone keeps it. */
const readBootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Before this the wall clock is certainly wrong: the project did not exist. */
const earliestWallMs = Date.UTC(2026, 0, 1);

/** How long the answer of `synchronised` holds: it looks at files, and the loop asks for the time some
 * forty times a press. */
const qualityMs = 1000;

/** Wall time is as good as the kernel says (adjtimex, told by `synchronised`) and never before 2026. */
export function systemClock(synchronised: (wallMs: number) => boolean = () => true): Clock {
  const bootId = readBootId();
  let isSynchronised = false;
  let askAgainMs = 0;
  return {
    now() {
      const wallMs = Date.now();
      const monoMs = Number(process.hrtime.bigint()) / 1e6;
      if (monoMs >= askAgainMs) {
        isSynchronised = synchronised(wallMs);
        askAgainMs = monoMs + qualityMs;
      }
      const clock: ClockQuality = wallMs >= earliestWallMs && isSynchronised ? 'good' : 'unknown';
      return { bootId, monoMs, wallMs, clock };
    },
    after(delayMs, call) {
      const timer = setTimeout(call, Math.max(0, delayMs));
      return () => clearTimeout(timer);
    },
  };
}

/** UUID version 7 (RFC 9562): it begins with the time of its making, so that rows of one hour lie side by
 * side in the outbox' index. With ids at random each of 200 rows settled wrote a page of its own. What makes
 * it unique is its 74 random bits, whatever the clock says. */
export function uuidAt(wallMs: number): string {
  const time = Math.max(0, Math.trunc(wallMs)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

export const systemIds: Ids = { next: () => uuidAt(Date.now()), chance: () => Math.random() };
