// Thirty SIGKILLs of whatever stores, each the moment its user has been told that the last of four
// messages is taken; every other time while the city's broker is down. Lost: taken and never heard by
// the city. Again: heard more than once under its id. Doubled: heard under two ids.

import { setTimeout as pause } from 'node:timers/promises';
import { until } from '#test/support/wait.ts';
import type { Candidate, Sent } from './candidate.ts';

const messagesARound = 4;
/** Waited for after the start, before a message counts as lost; looked at again in the end. */
const heardWithinMs = 5_000;
const probeEveryMs = 500;
const connectedWithinMs = 60_000;

export interface Broker {
  up(): Promise<void>;
  down(): Promise<void>;
}

export interface Losses {
  readonly taken: number;
  readonly lostUp: number;
  readonly lostDown: number;
  readonly again: number;
  readonly doubled: number;
}

export async function measureKills(
  candidate: Candidate,
  broker: Broker,
  kills: number,
): Promise<Losses> {
  const rounds: { readonly down: boolean; readonly sent: readonly Sent[] }[] = [];
  await connected(candidate);
  for (let n = 0; n < kills; n++) {
    const down = n % 2 === 1;
    if (down) await broker.down();
    const sent: Sent[] = [];
    for (let m = 0; m < messagesARound; m++) sent.push(await candidate.send());
    await candidate.kill();
    if (down) await broker.up();
    await candidate.start();
    await untilHeard(sent);
    await candidate.rest();
    await connected(candidate);
    rounds.push({ down, sent });
  }
  const takenOf = (down: boolean) =>
    rounds.filter((round) => round.down === down).flatMap(({ sent }) => sent.filter(isTaken));
  const lost = (sent: readonly Sent[]) => sent.filter((one) => one.arrivals().length === 0).length;
  const all = [...takenOf(true), ...takenOf(false)];
  const ids = all.map((one) => new Set(one.arrivals().map(({ id }) => id)).size);
  return {
    taken: all.length,
    lostUp: lost(takenOf(false)),
    lostDown: lost(takenOf(true)),
    again: all.filter((one, n) => one.arrivals().length > (ids[n] ?? 0)).length,
    doubled: ids.filter((count) => count > 1).length,
  };
}

const isTaken = ({ taken }: Sent): boolean => taken;

async function untilHeard(sent: readonly Sent[]): Promise<void> {
  const endMs = performance.now() + heardWithinMs;
  const allHeard = () => sent.filter(isTaken).every((one) => one.arrivals().length > 0);
  while (!allHeard() && performance.now() < endMs) await pause(10);
}

/** A message sent now gets through: some tools drop what they are given before. */
export async function connected(candidate: Candidate): Promise<void> {
  const endMs = performance.now() + connectedWithinMs;
  for (;;) {
    const probe = await candidate.send();
    const probeEndMs = performance.now() + probeEveryMs;
    while (performance.now() < probeEndMs && probe.arrivals().length === 0) await pause(10);
    if (probe.arrivals().length > 0) break;
    if (performance.now() > endMs) throw new Error('nothing gets through to the city');
  }
  await candidate.rest();
}

/** Sends one and waits for it; milliseconds from the call to the city's subscriber. */
export async function delivered(candidate: Candidate): Promise<number> {
  const sent = await candidate.send();
  const first = () => sent.arrivals()[0];
  const { atMs } = await until(first, { withinMs: 10_000, what: 'the city to hear a message' });
  const callMs = await sent.callMs();
  await candidate.rest();
  return atMs - callMs;
}
