// Who is signed in: a random 256 bits in a cookie that no script reads and no other site sends, known here by
// its hash alone. Ends after 10 minutes of silence, after 8 hours, and with this process. Few at a time: a
// new one takes the place of the one that was silent longest.

import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../ports.ts';
import { panelLimits, type SessionView } from './api.ts';

const cookieName = '__Host-panel';

export interface Session {
  readonly key: string;
  readonly name: string;
  /** Opened with the duress PIN; nobody may see a difference. */
  readonly duress: boolean;
  readonly since: { readonly monoMs: number; readonly wallMs: number };
  usedMs: number;
}

export class Sessions {
  readonly #clock: Clock;
  readonly #open = new Map<string, Session>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** With the cookie that brings it back. */
  open(name: string, duress: boolean): { readonly session: Session; readonly cookie: string } {
    const { monoMs, wallMs } = this.#clock.now();
    const secret = randomBytes(32).toString('base64url');
    const key = keyOf(secret);
    this.#sweep();
    const silent = [...this.#open.values()].sort((a, b) => a.usedMs - b.usedMs);
    for (const { key } of silent.slice(0, Math.max(0, silent.length + 1 - panelLimits.sessionsMax)))
      this.#open.delete(key);
    const session = { key, name, duress, since: { monoMs, wallMs }, usedMs: monoMs };
    this.#open.set(key, session);
    return { session, cookie: cookieOf(secret, panelLimits.sessionMs / 1000) };
  }

  /** The one that a request's cookies name. `isUse`: it lives on from now. */
  find(cookies: string | undefined, isUse: boolean): Session | null {
    this.#sweep();
    for (const part of (cookies ?? '').split(';')) {
      const [name, value = ''] = part.trim().split('=');
      if (name !== cookieName || !/^[\w-]{43}$/.test(value)) continue;
      const session = this.#open.get(keyOf(value));
      if (!session) continue;
      if (isUse) session.usedMs = this.#clock.now().monoMs;
      return session;
    }
    return null;
  }

  isOpen(session: Session): boolean {
    this.#sweep();
    return this.#open.get(session.key) === session;
  }

  /** Returns the cookie that takes the place of its own. */
  close(session: Session | null): string {
    if (session) this.#open.delete(session.key);
    return cookieOf('', 0);
  }

  closeAll(): void {
    this.#open.clear();
  }

  view(session: Session | null): SessionView['session'] {
    if (!session) return null;
    const { name, since, usedMs } = session;
    const untilWallMs = since.wallMs + panelLimits.sessionMs;
    const idleUntilWallMs = since.wallMs + (usedMs - since.monoMs) + panelLimits.idleMs;
    return {
      ...{ name, sinceWallMs: since.wallMs, untilWallMs },
      idleUntilWallMs: Math.round(Math.min(untilWallMs, idleUntilWallMs)),
    };
  }

  #sweep(): void {
    const { monoMs } = this.#clock.now();
    for (const { key, since, usedMs } of [...this.#open.values()]) {
      const isOver = monoMs - since.monoMs >= panelLimits.sessionMs;
      if (isOver || monoMs - usedMs >= panelLimits.idleMs) this.#open.delete(key);
    }
  }
}

/** What is in memory opens nothing. */
const keyOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const cookieOf = (value: string, maxAgeS: number): string =>
  `${cookieName}=${value}; Path=/; Max-Age=${maxAgeS}; Secure; HttpOnly; SameSite=Strict`;
