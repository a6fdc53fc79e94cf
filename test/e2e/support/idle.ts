// How much an idle terminal writes: flash wears.

import { setTimeout as pause } from 'node:timers/promises';
import type { House } from './house.ts';

/** Transactions of a terminal at rest, by its own count, within `forMs`. */
export async function idleTransactions(house: House, forMs: number): Promise<number> {
  await house.start();
  await house.until('a lamp at rest', () => house.word === 'ready');
  await house.until('an empty outbox', () => house.outboxEmpty());
  const before = await transactions(house);
  await pause(forMs);
  return (await transactions(house)) - before;
}

async function transactions(house: House): Promise<number> {
  const status = await house.until('the status', () => house.room.status());
  return status.store?.transactions ?? Number.NaN;
}
