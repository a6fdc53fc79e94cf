// Hears what the dome's relays do, for the time of a probe: one pull point, which ends by itself. It is not
// taken back: on some domes that ends everybody else's, too (home-assistant HA#92627).

import { asDomeError } from '../error.ts';
import { createPullPoint, noticesMax, pullMessages } from '../event-operations.ts';
import { reachable } from '../ptz.ts';
import type { Reach } from '../reach.ts';

/** Of the pull point; a probe that takes longer makes another. */
const forS = 600;
const options = { deadlineMs: 4000 };

export class RelayEvents {
  readonly #reach: Reach;
  #state: 'unknown' | 'listening' | 'deaf' = 'unknown';
  /** Of each relay, how it was when we began to listen. */
  readonly #first = new Map<string, boolean>();

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** How it was before it was tried; inactive where nothing was told. */
  atFirst(token: string): boolean {
    return this.#first.get(token) ?? false;
  }

  /** What has been told since the last time; waits so long for it at most. Never rejects. */
  async heard(waitS: 0 | 1): Promise<readonly { token: string; active: boolean }[]> {
    if (this.#state === 'unknown') this.#state = (await this.#listen()) ? 'listening' : 'deaf';
    if (this.#state === 'deaf') return [];
    try {
      const args = { waitS, limit: noticesMax };
      const notices = await this.#reach.soap.call(pullMessages, args, options);
      return notices.flatMap(({ topic, sources: [token], state, initial }) => {
        if (topic !== 'Device/Trigger/Relay' || token === undefined || state === null) return [];
        if (initial && !this.#first.has(token)) this.#first.set(token, state);
        return { token, active: state };
      });
    } catch (error) {
      asDomeError(error);
      this.#state = 'deaf';
      return [];
    }
  }

  async #listen(): Promise<boolean> {
    const { soap, endpoint, scheme } = this.#reach;
    try {
      const reference = await soap.call(createPullPoint, { forS }, options);
      if (!reference) return false;
      soap.locate('pullPoint', reachable(reference.address, endpoint, scheme), reference.echoed);
      return true;
    } catch (error) {
      asDomeError(error);
      return false;
    }
  }
}
