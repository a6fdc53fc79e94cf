// The story of a terminal that is dead while its case is closed: killed in mid-alarm, the platform
// resolves and repeats it, the terminal starts after a while, and the light goes off.

import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { terminalId } from '#agent/sim/room.ts';
import type { House } from './house.ts';

const offWithinMs = 5_000;

/** Leaves house without an open incident. Returns how long after the start the light went off. */
export async function resolvedMeanwhile(house: House, deadMs: number): Promise<number> {
  const { box, daemon, dome, platform } = house.room;
  await house.start();
  await box.tap(1);
  await house.until('the strobe to be on', () => dome.actuators.strobe, 5_000);
  await house.until('the siren to be on', () => dome.actuators.siren, 5_000);
  await house.until('the alarm at the platform', () => house.open.length === 1);
  const [incident = ''] = house.open;
  await daemon.end('SIGKILL');
  const answered = platform.desk.resolve(terminalId, incident);
  await pause(deadMs);
  expect(dome.actuators.strobe, 'nobody is there who could switch it off').toBe(true);
  const startMs = performance.now();
  daemon.start();
  await house.until('the strobe to be off', () => !dome.actuators.strobe, offWithinMs);
  const offMs = performance.now() - startMs;
  await house.until('the siren to be off', () => !dome.actuators.siren, offWithinMs - offMs);
  expect(await answered).toMatchObject({ ok: true, result: { step: 'resolved' } });
  await house.until('the end at the platform', () => house.open.length === 0);
  return Math.round(offMs);
}
