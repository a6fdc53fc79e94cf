// A clock that runs faster, for what takes its time: the 30 s after which a link that is down is a fault.

import type { Clock } from '#agent/ports.ts';

export function hasty(clock: Clock, factor: number): Clock {
  const startMs = clock.now().monoMs;
  return {
    now: () => {
      const at = clock.now();
      return { ...at, monoMs: startMs + (at.monoMs - startMs) * factor };
    },
    after: (ms, call) => clock.after(ms / factor, call),
  };
}
