// STUN and TURN servers with their short-lived password, from the city's own server. Pictures begin in
// handfuls: those of a moment share one answer.

import type { ClientClock } from '../../client/clock.ts';
import type { Ice, IceSource } from '../../client/rtc/connection.ts';

const sharedMs = 5_000;

export function iceFrom(url: string, clock: ClientClock): IceSource {
  let last: { readonly asked: Promise<Ice>; readonly atMs: number } | null = null;
  return () => {
    const nowMs = clock.monoMs();
    if (last && nowMs - last.atMs < sharedMs) return last.asked;
    const asked = ask(url);
    last = { asked, atMs: nowMs };
    // One that has failed is shared with nobody who comes later.
    asked.catch(() => {
      if (last?.asked === asked) last = null;
    });
    return asked;
  };
}

async function ask(url: string): Promise<Ice> {
  const answer = await fetch(url, { cache: 'no-store' });
  if (!answer.ok) throw new Error(`${url}: the server answers ${answer.status}`);
  // Of the city's own server; the browser refuses what is none.
  return (await answer.json()) as Ice;
}
