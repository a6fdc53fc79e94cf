// What rows of the line have in common: the daemon's configuration as an installer would change it, and the
// broker's with a restart or without one.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { Watcher } from '#test/e2e/support/watcher.ts';
import type { Mosquitto } from '#test/support/mosquitto.ts';
import type { Scene } from './scene.ts';

const config = z.looseObject({ broker: z.looseObject({}), dome: z.looseObject({}) });

interface Changes {
  readonly broker?: object;
  readonly dome?: object;
}

/** Changes fields of the daemon's configuration; it is read at the next start. */
export async function configure({ house }: Scene, { broker, dome }: Changes): Promise<void> {
  const file = join(house.dir, 'gate-agent.yaml');
  const old = config.parse(JSON.parse(await readFile(file, 'utf8')));
  const changed = { ...old, broker: { ...old.broker, ...broker }, dome: { ...old.dome, ...dome } };
  await writeFile(file, JSON.stringify(changed));
}

/** Changes the broker's configuration and restarts it; it forgets all sessions. */
export async function reconfigure(
  broker: Mosquitto,
  change: (lines: string) => string,
): Promise<void> {
  const file = join(broker.dir, 'mosquitto.conf');
  await writeFile(file, change(await readFile(file, 'utf8')));
  await broker.down();
  await broker.up();
}

/** The platform is subscribed, as after a restart of the broker. */
export async function listening({ house }: Scene): Promise<void> {
  const watcher = new Watcher(house.broker.url);
  await watcher.open();
  await watcher.untilHeardBy(house.room.platform).finally(() => watcher.close());
}

/** Starts the daemon where it cannot come online: it is armed, which its control socket tells. */
export async function startOffline({ house }: Scene): Promise<void> {
  house.room.daemon.start();
  await house.until('the daemon to answer', () => house.room.status());
}

/** The sentence that the terminal itself has for a fault; waits for it. */
export async function sentence({ house }: Scene, fault: string, withinMs = 60_000) {
  const found = async () =>
    (await house.room.status())?.faults.find((one) => one.fault === fault)?.detail;
  return house.until(`${fault} at the terminal`, found, withinMs);
}

/** As `sentence`; throws where it says something else. */
export async function says(scene: Scene, fault: string, part: string): Promise<void> {
  const detail = await sentence(scene, fault);
  if (!detail.includes(part)) throw new Error(`${fault} says "${detail}", not "${part}"`);
}

/** The terminal does not have this fault any more. */
export async function over(scene: Scene, fault: string, withinMs = 60_000): Promise<void> {
  const isOver = async () => (await scene.room.status()) !== null && !(await scene.faulty(fault));
  await scene.house.until(`the end of ${fault}`, isOver, withinMs);
}

/** The platform has everything, and the lamp has come to say so. */
export async function calm(scene: Scene): Promise<void> {
  await scene.arrived();
  await scene.house.until('the lamp to say received', () => scene.house.word === 'received');
}
