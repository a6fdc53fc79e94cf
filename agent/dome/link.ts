// Is the dome there, and does it take our password? Connects, polls, notices that it was away or that its
// clock jumped (it rebooted), and says so; knows nothing of light and siren.
// A refused password is never tried twice in a row: commands are held back until a restart.

import type { Clock } from '../ports.ts';
import { asDomeError, DomeError } from './error.ts';
import { getDeviceInformation } from './operations.ts';
import type { SoapClient } from './soap.ts';
import { lostSentence } from './troubles.ts';

export const linkTimes = {
  idlePollMs: 10_000,
  /** While something is wanted, and while the dome is lost. */
  busyPollMs: 2000,
  /** After a first failure: was it slow for once, or is it away? */
  secondLookMs: 300,
  callMs: 2000,
  /** A clock that is off by more than this since the last poll was set or lost. */
  clockJumpMs: 3000,
  /** A dome that had accepted us may refuse because it has not read its users yet after a reboot, or says 401
   * to too many connections (rroller/dahua#603): it is asked once more, and then so seldom that it
   * locks nobody out (half an hour: rroller/dahua#729). One that never did waits for a person. */
  tryAgainMs: [10_000, 2_400_000],
  /** Away twice within so long is told as one fault, that ends when it stayed for `calmMs`. */
  restlessMs: 120_000,
  calmMs: 60_000,
} as const;

export interface LinkParts {
  readonly soap: SoapClient;
  readonly clock: Clock;
  readonly chance: () => number;
  /** Something is wanted of the dome. */
  readonly busy: () => boolean;
  /** Connected again. `fresh`: it was away, or this is the first time. */
  readonly up: (fresh: boolean) => void;
  /** Called at each idle poll: keeps what commands will need from ageing. */
  readonly keepWarm: () => Promise<void>;
  readonly fault: (name: 'lost' | 'unauthorized', detail: string | null) => void;
  /** It was looked at, and is well. */
  readonly good: () => void;
}

export class Link {
  readonly #parts: LinkParts;
  #state: 'down' | 'up' | 'barred' = 'down';
  #everUp = false;
  #failures = 0;
  /** When it came back, monotonic; of the last two minutes. */
  #returnsMs: number[] = [];
  #away = true;
  /** Since it was up. */
  #refusals = 0;
  #running = false;
  #again = false;
  #closed = false;
  #doubting: Promise<void> | null = null;
  #stopTimer: () => void = () => {};
  #stopNextTry: () => void = () => {};

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  open(): void {
    this.#begin();
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer();
    this.#stopNextTry();
  }

  /** Throws where a command may not go out: before the first connection, and after a refused password. */
  require(): void {
    if (this.#state === 'barred')
      throw new DomeError('held', 'user or password refused; not tried again until a restart');
    if (!this.#everUp) throw new DomeError('held', 'not connected yet');
  }

  /** A command failed in a way that looks like a lost dome: look at once, not at the next poll. `gone`:
   * it was away for certain, or restarted, be it back by now; so it is asserted anew, and turned. */
  suspect(gone: boolean): void {
    this.#away ||= gone;
    if (this.#running) this.#again = true;
    else this.#begin();
  }

  /** A command was refused: for the password, or only for what this user may do? Asked once for all;
   * when it resolves, `require` knows. */
  doubt(): Promise<void> {
    this.#doubting ??= this.#askAgain().finally(() => {
      this.#doubting = null;
    });
    return this.#doubting;
  }

  async #askAgain(): Promise<void> {
    if (this.#state === 'barred') return;
    try {
      const refusal = this.#parts.soap.barred ?? (await this.#login());
      if (refusal) this.#bar(refusal);
    } catch (error) {
      // No answer: whoever asked has its refusal, and the next look at the link tells more.
      asDomeError(error);
      this.suspect(false);
    }
  }

  #begin(): void {
    this.#stopTimer();
    if (this.#closed) return;
    void this.#round();
  }

  async #round(): Promise<void> {
    this.#running = true;
    this.#again = false;
    try {
      await this.#look();
      this.#answered();
    } catch (error) {
      this.#failed(asDomeError(error));
    }
    this.#running = false;
    if (this.#closed) return;
    const { busy, clock, chance } = this.#parts;
    const calm = this.#failures === 0 && !busy();
    const pollMs = calm ? linkTimes.idlePollMs : linkTimes.busyPollMs * (0.8 + 0.4 * chance());
    const delayMs = this.#failures === 1 ? linkTimes.secondLookMs : pollMs;
    this.#stopTimer = clock.after(this.#again ? 0 : delayMs, () => this.#begin());
  }

  async #look(): Promise<void> {
    const { soap, keepWarm, up } = this.#parts;
    if (this.#state === 'down') soap.restart();
    const jumpMs = await this.#measure();
    if (this.#state === 'barred') return;
    if (this.#state === 'down' || soap.scheme === 'digest') {
      const refusal = await this.#login();
      if (refusal) return this.#bar(refusal);
    }
    if (this.#closed) return;
    if (this.#state === 'down' || this.#away) this.#connected();
    else if (Math.abs(jumpMs) > linkTimes.clockJumpMs) up(false);
    else if (!this.#parts.busy()) await keepWarm();
  }

  /** Any answer at all, even a refusal, means that the dome is there. */
  async #measure(): Promise<number> {
    try {
      return await this.#parts.soap.measureClock({ deadlineMs: linkTimes.callMs });
    } catch (error) {
      if (asDomeError(error).kind === 'unauthorized') return 0;
      throw error;
    }
  }

  /** The refusal, or null when user and password were accepted. */
  async #login(): Promise<DomeError | null> {
    try {
      await this.#parts.soap.call(getDeviceInformation, null, { deadlineMs: linkTimes.callMs });
      return null;
    } catch (error) {
      const failure = asDomeError(error);
      if (failure.kind === 'unauthorized') return failure;
      // A dome that cannot tell its model has at least let us in.
      if (failure.kind === 'fault' || failure.kind === 'wrong-reply') return null;
      throw failure;
    }
  }

  #connected(): void {
    const fresh = this.#away;
    if (fresh && this.#everUp) this.#returnsMs.push(this.#parts.clock.now().monoMs);
    this.#state = 'up';
    this.#everUp = true;
    this.#away = false;
    this.#refusals = 0;
    this.#parts.fault('unauthorized', null);
    this.#parts.up(fresh);
  }

  #bar(refusal: DomeError): void {
    this.#state = 'barred';
    const detail = `the dome refuses user or password (${refusal.message}); correct it and restart`;
    this.#parts.fault('unauthorized', detail);
    if (!this.#everUp) return;
    const [firstMs, againMs] = linkTimes.tryAgainMs;
    const delayMs = this.#refusals === 0 ? firstMs : againMs;
    this.#refusals += 1;
    this.#stopNextTry = this.#parts.clock.after(delayMs, () => {
      this.#state = 'down';
      this.suspect(false);
    });
  }

  #answered(): void {
    this.#failures = 0;
    const { clock, fault, good } = this.#parts;
    const returns = this.#recentReturns();
    const calmMs = clock.now().monoMs - (this.#returnsMs.at(-1) ?? Number.NEGATIVE_INFINITY);
    const isRestless = returns >= 2 && calmMs < linkTimes.calmMs;
    fault('lost', isRestless ? restlessSentence(returns) : null);
    good();
  }

  #recentReturns(): number {
    const sinceMs = this.#parts.clock.now().monoMs - linkTimes.restlessMs;
    this.#returnsMs = this.#returnsMs.filter((atMs) => atMs > sinceMs);
    return this.#returnsMs.length;
  }

  #failed(failure: DomeError): void {
    if (this.#closed) return;
    this.#failures += 1;
    if (this.#state === 'up') this.#state = 'down';
    if (failure.kind === 'unreachable' || this.#failures >= 2) this.#away = true;
    // Once may be a dome that was slow, or in the middle of something.
    if (this.#failures < (this.#parts.busy() ? 2 : 3)) return;
    const returns = this.#recentReturns();
    const detail = returns > 0 ? restlessSentence(returns + 1) : lostSentence(failure);
    this.#parts.fault('lost', detail);
  }
}

const restlessSentence = (times: number): string =>
  `the dome was lost ${times} times within ${linkTimes.restlessMs / 60_000} minutes; ` +
  'check its power supply and its cable';
