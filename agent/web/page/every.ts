// Again and again, by the client's clock: the page starts no timer of its own.

import type { ClientClock } from '../client/clock.ts';

/** Calls back every so often; returns the end of it. */
export function every(clock: ClientClock, delayMs: number, call: () => void): () => void {
  let cancel = clock.after(delayMs, function again() {
    cancel = clock.after(delayMs, again);
    call();
  });
  return () => cancel();
}
