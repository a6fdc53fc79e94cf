// How much an idle terminal writes: flash wears.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NotifyReceiver } from '#test/support/notify-receiver.ts';
import { House } from './house.ts';

/** A house whose daemon is watched as by the unit: 30 s. */
export async function watchedHouse(): Promise<{
  readonly house: House;
  readonly systemd: NotifyReceiver;
}> {
  let systemd: NotifyReceiver | null = null;
  const house = await House.open({
    buttons: 2,
    room: async (_broker, dir) => {
      systemd = await NotifyReceiver.open(join(dir, 'notify'));
      return { env: { NOTIFY_SOCKET: systemd.socket, WATCHDOG_USEC: '30000000' } };
    },
  });
  if (!systemd) throw new Error('the room was opened without the receiver');
  return { house, systemd };
}

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
