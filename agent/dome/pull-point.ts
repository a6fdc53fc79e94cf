// A subscription to the dome's events, kept up: made, pulled, renewed, made anew when it is gone. A dome
// forgets it when it reboots, moves it to another address, or has no slot left. Each new one begins with how
// everything is, so that a button held meanwhile counts. Waits in a call of its own; no alarm waits for it.

import type { Clock } from '../ports.ts';
import type { Reference } from './addressing.ts';
import { asDomeError, DomeError } from './error.ts';
import {
  createPullPoint,
  type Notice,
  noticesMax,
  pullMessages,
  renew,
  synchronise,
  unsubscribe,
} from './event-operations.ts';
import type { Endpoint } from './line.ts';
import type { SoapClient } from './soap.ts';

export const pullTimes = {
  /** A pull waits so long at the dome; some close the connection at 10 s (agsh/onvif#314). */
  waitS: 5,
  /** How much later its answer may come. */
  lateMs: 3000,
  callMs: 2000,
  /** A subscription lives so long by itself: after a crash of ours its slot is free again soon. */
  livesS: 60,
  renewMs: 25_000,
  /** Where Renew is refused it is replaced before it ends. */
  replaceMs: 50_000,
  retryMs: 250,
  retryMsMax: 10_000,
  /** After a refused user: makes lock one out who asks too often. */
  refusedMs: 600_000,
  /** Deaf for so long it is told. */
  deafMs: 10_000,
  /** Between two pulls that brought nothing, where the dome does not wait. */
  idleMs: 500,
} as const;

export interface PullPointParts {
  readonly clock: Clock;
  readonly chance: () => number;
  readonly soap: SoapClient;
  /** Where a told address really is. */
  readonly reach: (address: string) => Endpoint;
  /** Rejects where the dome's services are not known and cannot be learnt. */
  readonly learn: () => Promise<unknown>;
  /** Throws where nothing may be sent. */
  readonly require: () => void;
  /** A new subscription: its first notices tell how everything is. */
  readonly begins: () => void;
  /** It is gone. */
  readonly ends: () => void;
  readonly heard: (notices: readonly Notice[]) => void;
  readonly trouble: (detail: string | null) => void;
}

export class PullPoint {
  readonly #parts: PullPointParts;
  #abort = new AbortController();
  #closed = false;
  #failures = 0;
  #deafSinceMs: number | null = null;
  #subscribed = false;
  #wake: () => void = () => {};

  constructor(parts: PullPointParts) {
    this.#parts = parts;
  }

  open(): void {
    this.#deafSinceMs = this.#parts.clock.now().monoMs;
    void this.#run();
  }

  /** The dome was away: what was subscribed is gone, be it answered or not. */
  restart(): void {
    this.#failures = 0;
    this.#abort.abort();
    this.#wake();
  }

  /** Gives its slot back, as far as the dome answers. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.restart();
    if (this.#subscribed) await this.#giveBack();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      this.#abort = new AbortController();
      const { signal } = this.#abort;
      try {
        this.#parts.require();
        await this.#subscribe(signal);
        await this.#listen(signal);
      } catch (error) {
        const failure = asDomeError(error);
        this.#parts.ends();
        // Begun anew at once: the link has said so.
        if (!signal.aborted) await this.#failed(failure);
      }
    }
  }

  async #subscribe(signal: AbortSignal): Promise<void> {
    const { soap, reach, learn } = this.#parts;
    if (!soap.knows('events')) await learn();
    const options = { deadlineMs: pullTimes.callMs, signal };
    const reference = await this.#create(options);
    if (!reference) throw new DomeError('wrong-reply', 'a subscription without an address');
    const endpoint = reach(reference.address);
    soap.locate('pullPoint', endpoint, reference.echoed);
    soap.locate('subscription', endpoint, reference.echoed);
    this.#subscribed = true;
    this.#parts.ends();
    this.#parts.begins();
    await refusable(soap.call(synchronise, null, options));
  }

  async #create(options: { deadlineMs: number; signal: AbortSignal }): Promise<Reference | null> {
    const { soap } = this.#parts;
    try {
      return await soap.call(createPullPoint, { forS: pullTimes.livesS }, options);
    } catch (error) {
      const { kind, fault } = asDomeError(error);
      // Some know absolute times only, or none.
      if (kind !== 'fault' || fault?.code !== 'Sender') throw error;
      return await soap.call(createPullPoint, { forS: null }, options);
    }
  }

  /** Until it is gone, or due to be replaced. */
  async #listen(signal: AbortSignal): Promise<void> {
    const { clock, soap, heard, trouble } = this.#parts;
    const { waitS, lateMs, renewMs, replaceMs, livesS } = pullTimes;
    const madeMs = clock.now().monoMs;
    let renewedMs = madeMs;
    let renews = true;
    while (!signal.aborted) {
      const askedMs = clock.now().monoMs;
      const deadlineMs = waitS * 1000 + lateMs;
      const limit = noticesMax;
      const notices = await this.#pull({ waitS, limit }, { deadlineMs, signal });
      if (signal.aborted) return;
      this.#failures = 0;
      this.#deafSinceMs = null;
      trouble(null);
      if (notices.length > 0) heard(notices);
      const nowMs = clock.now().monoMs;
      if (renews && nowMs - renewedMs >= renewMs) {
        renews = await refusable(
          soap.call(renew, { forS: livesS }, { deadlineMs: pullTimes.callMs, signal }),
        );
        renewedMs = nowMs;
      }
      if (!renews && nowMs - madeMs >= replaceMs) return;
      if (notices.length === 0 && nowMs - askedMs < pullTimes.idleMs)
        await this.#pause(pullTimes.idleMs);
    }
  }

  /** What it would have told may be lost with its connection, a press among it: how everything is is asked
   * anew, by another subscription, and this one gives its slot back. */
  async #pull(
    asked: { readonly waitS: number; readonly limit: number },
    options: { readonly deadlineMs: number; readonly signal: AbortSignal },
  ): Promise<readonly Notice[]> {
    try {
      return await this.#parts.soap.call(pullMessages, asked, { ...options, once: true });
    } catch (error) {
      const { kind } = asDomeError(error);
      const isLost = kind === 'broken' || kind === 'timeout';
      if (isLost && !options.signal.aborted) await this.#giveBack();
      throw error;
    }
  }

  async #giveBack(): Promise<void> {
    this.#subscribed = false;
    try {
      this.#parts.require();
      await this.#parts.soap.call(unsubscribe, null, { deadlineMs: pullTimes.callMs / 2 });
    } catch (error) {
      // It ends by itself within the minute.
      asDomeError(error);
    }
  }

  async #failed(failure: DomeError): Promise<void> {
    const { clock, chance, trouble } = this.#parts;
    const { retryMs, retryMsMax, refusedMs, deafMs } = pullTimes;
    this.#failures += 1;
    const nowMs = clock.now().monoMs;
    this.#deafSinceMs ??= nowMs;
    // Once may be a nonce that was too old; twice is what this user may not do.
    const isRefused = failure.kind === 'unauthorized' && this.#failures > 1;
    if (nowMs - this.#deafSinceMs >= deafMs || isRefused)
      trouble(
        `the dome tells nothing of what it hears and sees (${failure.message}): a button wired to it is ` +
          'not heard; end other listeners, or restart it',
      );
    const grownMs = Math.min(retryMsMax, retryMs * 2 ** Math.min(this.#failures - 1, 10));
    const delayMs = isRefused ? refusedMs : grownMs;
    await this.#pause(delayMs * (0.75 + 0.5 * chance()));
  }

  #pause(delayMs: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((done) => {
      const cancel = this.#parts.clock.after(delayMs, done);
      this.#wake = () => {
        cancel();
        done();
      };
    });
  }
}

/** False where the dome does not know the operation; other failures reject. */
async function refusable(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    const { kind, fault } = asDomeError(error);
    const isGone = fault?.subcodes.some((code) => code.includes('ResourceUnknown')) ?? false;
    if (isGone || (kind !== 'fault' && kind !== 'wrong-reply' && kind !== 'http')) throw error;
    return false;
  }
}
