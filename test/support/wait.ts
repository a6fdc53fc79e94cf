// Waiting for a condition, with a deadline and a name: no test sleeps, and none hangs.

import { setTimeout as pause } from 'node:timers/promises';

export interface WaitFor {
  readonly withinMs: number;
  /** Named in the error when it does not come. */
  readonly what: string;
}

/** Polls until `condition` gives something true, and returns it. Throws after `withinMs`. */
export async function until<T>(
  condition: () => T | Promise<T>,
  { withinMs, what }: WaitFor,
): Promise<NonNullable<Exclude<T, false>>> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const found = await condition();
    if (found) return found as NonNullable<Exclude<T, false>>;
    if (performance.now() >= endMs) throw new Error(`waited ${withinMs} ms for ${what}`);
    await pause(5);
  }
}

/** Holds a promise to a deadline. */
export async function within<T>(promise: Promise<T>, { withinMs, what }: WaitFor): Promise<T> {
  const limit = new AbortController();
  const late = async (): Promise<never> => {
    await pause(withinMs, undefined, { signal: limit.signal });
    throw new Error(`waited ${withinMs} ms for ${what}`);
  };
  const lost = late();
  // Aborted when the promise won; then nobody listens to this one any more.
  lost.catch((error: unknown) => error);
  try {
    return await Promise.race([promise, lost]);
  } finally {
    limit.abort();
  }
}
