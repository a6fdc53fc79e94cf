// Birth, will and health: what the terminal says about itself. Birth and will share one retained
// topic. At each connect birth waits for the alarms, 2 s at most; a change is told within 200 ms.
// Pure: says when something is due and what it says.

import type { z } from 'zod';
import type { BirthMessage, HealthMessage, Identity, willMessage } from '../contract.ts';
import type { TerminalStatus } from '../core/target.ts';
import type { Clock } from '../ports.ts';

export const birthWithinMs = 2_000;
export const changeDelayMs = 200;

export interface Self {
  readonly terminal: string;
  readonly identity: Identity;
  readonly evidence: BirthMessage['evidenceKey'];
}

/** The part of the health message that only the whole daemon knows. */
export type HealthFigures = Pick<
  HealthMessage,
  'uptimeS' | 'rssMb' | 'outboxRows' | 'transactions' | 'faults' | 'machine'
>;

type At = ReturnType<Clock['now']>;

export function birthOf(self: Self, status: TerminalStatus, at: At): string {
  const { stick, lights, window } = status;
  const claimOf = (by: TerminalStatus['incidents'][number]['seen']) =>
    by && { role: by.role, user: by.user, wallMs: by.at.wallMs };
  const birth: BirthMessage = {
    v: 1,
    online: true,
    terminal: self.terminal,
    bootId: at.bootId,
    version: status.version,
    wallMs: at.wallMs,
    clock: at.clock,
    identity: self.identity,
    evidenceKey: self.evidence,
    incidents: status.incidents.map(({ raised, seen, taken, ...incident }) => ({
      ...incident,
      raisedWallMs: raised.wallMs,
      seen: claimOf(seen),
      taken: claimOf(taken),
    })),
    faults: status.faults.map(({ fault, detail, since }) => ({
      fault,
      detail,
      sinceWallMs: since.wallMs,
    })),
    stick: stick && { role: stick.role, user: stick.user, sinceWallMs: stick.since.wallMs },
    lights,
    callers: status.callers.map(({ since, ...caller }) => ({
      ...caller,
      sinceWallMs: since.wallMs,
    })),
    window,
  };
  return JSON.stringify(birth);
}

export function willOf(terminal: string, bootId: string): string {
  const will: z.infer<typeof willMessage> = { v: 1, online: false, terminal, bootId };
  return JSON.stringify(will);
}

export function healthOf(self: Self, figures: HealthFigures, at: At): string {
  const { bootId, wallMs, monoMs, clock } = at;
  const head = { v: 1, terminal: self.terminal, bootId, wallMs, monoMs, clock } as const;
  const health: HealthMessage = { ...head, ...figures };
  return JSON.stringify(health);
}

/** When the birth message is due. */
export class Presence {
  #status: TerminalStatus | null = null;
  #key = '';
  #changedMs = 0;
  /** Status as told on this connection; null: not told yet. */
  #toldKey: string | null = null;
  #upMs = 0;
  /** Told once more then, changed or not. */
  #againMs = Infinity;
  #flying = false;

  get status(): TerminalStatus | null {
    return this.#status;
  }

  want(status: TerminalStatus, nowMs: number): void {
    const key = JSON.stringify(status);
    if (key === this.#key) return;
    if (this.#key === this.#toldKey) this.#changedMs = nowMs;
    this.#key = key;
    this.#status = status;
  }

  up(nowMs: number, againMs = Infinity): void {
    this.#upMs = nowMs;
    this.#againMs = againMs;
    this.#toldKey = null;
    this.#flying = false;
  }

  /** Monotonic time at which birth goes out; sooner when `quiet`: no alarm waits for its PUBACK. */
  dueMs(quiet: boolean): number {
    if (!this.#status || this.#flying) return Infinity;
    if (this.#key === this.#toldKey) return this.#againMs;
    // A thin line is not filled with births while alarms are on their way.
    if (this.#toldKey !== null) return this.#changedMs + (quiet ? changeDelayMs : birthWithinMs);
    return quiet ? this.#upMs : this.#upMs + birthWithinMs;
  }

  /** Monotonic times at which something of this may be due. */
  get wakesMs(): number[] {
    return [this.dueMs(true), this.dueMs(false), this.#upMs + birthWithinMs];
  }

  /** Nothing but alarms and answers goes out before birth. */
  gateOpen(nowMs: number): boolean {
    return this.#toldKey !== null || nowMs >= this.#upMs + birthWithinMs;
  }

  sent(nowMs: number): void {
    if (nowMs >= this.#againMs) this.#againMs = Infinity;
    this.#toldKey = this.#key;
    this.#flying = true;
  }

  answered(): void {
    this.#flying = false;
  }
}
