// Waiting that can be given up.

import type { Clock } from '../ports.ts';

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', end);
      done();
    };
    const cancel = clock.after(delayMs, end);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end);
  });
}
