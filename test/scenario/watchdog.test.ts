// The watchdog on a terminal at rest, with a disk that dies, and with a loop that does not turn.

import { describe, expect, it } from 'vitest';
import type { Fact } from '#agent/core/fact.ts';
import { Watchdog } from '#agent/system/watchdog.ts';
import { FakeNotify } from '#test/fakes/notify.ts';
import { World } from './world.ts';

async function guarded({ watchdogMs = 30_000 as number | null, turning = true } = {}) {
  const world = await (await new World().start()).online();
  const notify = new FakeNotify(watchdogMs);
  notify.open();
  const emit = (fact: Fact, stepped?: () => void) => {
    if (turning) world.terminal.emit(fact, stepped);
  };
  const { clock, store } = world;
  const terminal = { emit, store };
  const watchdog = new Watchdog({ clock, notify, terminal, status: () => world.word ?? '' });
  watchdog.open();
  await world.passes(0);
  const transactions = () => store.figures().transactions;
  return { world, notify, watchdog, transactions };
}

describe('an idle terminal', () => {
  it('feeds three times within the time of the watchdog', async () => {
    const { world, notify } = await guarded({ watchdogMs: 6_000 });
    const before = notify.feeds;
    await world.passes(60_000);
    expect(notify.feeds - before).toBe(30);
  });

  it('writes its probe row five times in ten minutes and nothing else', async () => {
    const { world, notify, transactions } = await guarded();
    await world.passes(60_000);
    const before = transactions();
    await world.passes(600_000);
    expect(transactions() - before).toBe(5);
    expect(notify.feeds).toBeGreaterThanOrEqual(60);
  });

  it('probes the disk where systemd does not look, too', async () => {
    const { world, transactions } = await guarded({ watchdogMs: null });
    const before = transactions();
    await world.passes(600_000);
    expect(transactions() - before).toBeGreaterThanOrEqual(4);
  });

  it('does not probe a disk that has just been written', async () => {
    const { world, transactions } = await guarded();
    await world.passes(119_000);
    await world.press('desk');
    const before = transactions();
    await world.passes(100_000);
    // The receipt did not come late, the alarm is not undelivered: nothing was due but the probe.
    expect(transactions()).toBe(before);
  });

  it('finds a dead disk by itself, says so, and goes on feeding', async () => {
    const { world, notify } = await guarded();
    world.store.hanging = true;
    await world.passes(130_000);
    expect(world.lamp.target?.fault).toBe(true);
    expect(world.stepped.filter((kind) => kind === 'storage.failed')).toHaveLength(1);
    const before = notify.feeds;
    await world.passes(600_000);
    expect(notify.feeds - before).toBe(60);
    world.store.hanging = false;
    await world.passes(10_000);
    expect(world.lamp.target?.fault).toBe(false);
  });

  it('tells its status when that changes', async () => {
    const { world, notify } = await guarded();
    await world.press('desk');
    await world.passes(20_000);
    const lines = notify.told.filter((text) => text.startsWith('STATUS='));
    expect(lines).toEqual(['STATUS=ready', 'STATUS=received']);
  });
});

it('a loop that does not turn is not fed for, however well its timers run', async () => {
  const { world, notify } = await guarded({ turning: false });
  await world.passes(600_000);
  expect(notify.feeds).toBe(0);
});

it('is silent after its close', async () => {
  const { world, notify, watchdog } = await guarded();
  watchdog.close();
  const before = notify.feeds;
  await world.passes(600_000);
  expect(notify.feeds).toBe(before);
});

it('an unarmed terminal is fed for by the bare loop', async () => {
  const world = new World();
  const notify = new FakeNotify();
  notify.open();
  const { clock } = world;
  new Watchdog({ clock, notify, terminal: null, status: () => 'unarmed' }).open();
  await world.passes(60_000);
  expect(notify.feeds).toBe(7);
  expect(notify.told[1]).toBe('STATUS=unarmed');
});
