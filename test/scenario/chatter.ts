// A contact that opens and closes a thousand times a second, in virtual time: what becomes of it at the
// platform, in the outbox and in the records, and of a press of another button in the middle of it.

import { expect } from 'vitest';
import { repeatsToldMax } from '#agent/core/incident.ts';
import { World } from './world.ts';

const minuteMs = 60_000;
/** Told one by one, and the count of the rest; the alarm itself beside it. */
const toldAMinute = repeatsToldMax + 1;

interface Chatter {
  readonly ms: number;
  /** Down for all of it, and up afterwards. */
  readonly link: 'up' | 'down';
  /** The process is killed and started in the middle. */
  readonly killed?: boolean;
}

/** `counted`: a source that takes every closing for a press and counts it, the worst there can be.
 * `bare`: a line that is only looked at. Fails where anything is lost or grows with the edges. */
export async function chatters(source: 'counted' | 'bare', { ms, link, killed = false }: Chatter) {
  const world = await new World().start();
  if (link === 'up') await world.online();
  const minutes = Math.ceil(ms / minuteMs);
  let presses = 0;
  for (let at = 0; at < ms; at++) {
    const contact = at % 2 === 0 ? 'pressed' : 'normal';
    if (source === 'counted') {
      world.inputs.contact('desk', contact);
      presses += contact === 'pressed' ? 1 : 0;
    } else {
      const edgeMs = world.clock.monoMs;
      world.terminal.emit({ kind: 'input.changed', input: 'desk', contact, edgeMs });
      presses = 1;
    }
    // The turn of this edge, and of what it leads to.
    await Promise.resolve();
    world.clock.advance(1);
    await Promise.resolve();
    if (at === Math.floor(ms / 2)) {
      if (killed) await restart(world, link);
      await pressElsewhere(world);
    }
  }
  if (link === 'down') {
    const { outboxRows } = world.store.figures();
    expect(outboxRows).toBeLessThanOrEqual((minutes + 2) * toldAMinute);
    await world.online();
  }
  await world.passes(2 * minuteMs);
  ended(world, { presses, minutes });
}

async function restart(world: World, link: Chatter['link']): Promise<void> {
  await world.killed();
  await world.start();
  if (link === 'up') await world.online();
}

/** Rule 9 is for the one button; another is heard at once. */
async function pressElsewhere(world: World): Promise<void> {
  world.inputs.press('gate');
  await Promise.resolve();
  expect(world.terminal.state.durable.incidents).toMatchObject(
    Object.fromEntries([[gateOf(world), { input: 'gate', presses: 1 }]]),
  );
  world.inputs.release('gate');
}

const gateOf = ({ terminal }: World): string =>
  Object.values(terminal.state.durable.incidents).find(({ input }) => input === 'gate')?.id ?? '';

function ended(world: World, { presses, minutes }: { presses: number; minutes: number }): void {
  const { store, terminal } = world;
  const incidents = Object.values(terminal.state.durable.incidents);
  expect(incidents.map(({ input, presses: n }) => [input, n]).sort()).toEqual([
    ['desk', presses],
    ['gate', 1],
  ]);
  expect(store.figures().outboxRows).toBe(0);
  expect(world.word).toBe('received');
  // One a message, one a minute for the folded, and a few for everything else.
  expect(store.audit.length).toBeLessThanOrEqual((minutes + 2) * (toldAMinute + 1) + 20);
  const folded = store.audit
    .filter(({ kind }) => kind === 'presses.folded')
    .reduce((sum, { body }) => sum + JSON.parse(body ?? '').fact.count, 0);
  const told = world.everTold.filter(({ incident }) => incident !== gateOf(world));
  const repeats = told.filter(({ kind }) => kind === 'press.repeated');
  expect(told.filter(({ kind }) => kind === 'alarm.raised')).toHaveLength(1);
  expect(repeats.length).toBeLessThanOrEqual((minutes + 2) * toldAMinute);
  expect(repeats.reduce((sum, { count = 0 }) => sum + count, 1)).toBe(presses);
  if (presses > (minutes + 2) * toldAMinute) expect(folded).toBeGreaterThan(presses / 2);
}
