// The daemon's side of an acceptance in a whole terminal with fakes: no press of it can ever be real,
// nothing of it outlives service mode, and a button works on as before.

import { beforeEach, expect, it } from 'vitest';
import { AcceptDesk, goneMs } from '#agent/install/accept/desk.ts';
import { HopBook } from '#agent/install/accept/hops.ts';
import { Levers } from '#agent/install/accept/levers.ts';
import type { Doing } from '#agent/install/accept/wire.ts';
import { Refusal } from '#agent/refusal.ts';
import { World } from '#test/scenario/world.ts';
import { until } from '#test/support/wait.ts';

const minuteMs = 60_000;
let world: World;
let desk: AcceptDesk;
let cuts: number[];
beforeEach(async () => {
  world = await (await new World().start()).online();
  cuts = [];
  desk = deskOf(world);
});

function deskOf({ clock, store, lamp, dome, terminal }: World): AcceptDesk {
  let ids = 0;
  return new AcceptDesk({
    world: {
      ...{ terminal: 'gate-1', clock, state: () => terminal.state, eyes: null },
      config: {
        ...{ data: { dir: '/' }, broker: { tls: null }, boxes: [], modems: [], modbus: [] },
        ...{ gpio: null, dome: null, media: null },
      },
      store: {
        commit: (turn) => store.commit(turn),
        figures: () => store.figures(),
        records: async () => ({ rows: [], checkpoints: [] }),
        sign: () => '',
        evidence: store.evidence,
      },
      line: { roundTrip: async () => 1 },
    },
    emit: (...fact) => terminal.emit(...fact),
    ids: { next: () => `id-${++ids}`, chance: () => 0 },
    ...{ book: new HopBook(clock), levers: new Levers(clock), lamp, light: dome },
    line: { cut: (ms) => void cuts.push(ms) },
    ...{ beyond: () => null, packets: null, loop: null, restart: () => undefined },
    about: {
      ...{ terminal: 'gate-1', version: '0', receipts: 'platform' },
      identity: {
        ...{ school: 's', gate: 'g', address: 'a', jurisdiction: 'j', divisionCode: '1' },
        gateRoomPhone: '1',
      },
      ...{ dome: false, sound: false, media: false, lamp: false },
    },
    uptimeS: () => 1,
  });
}

/** Begun and ended. */
async function does(doing: Doing) {
  const task = desk.do(doing, 'chen');
  const done = async () => {
    await world.passes(1_000);
    return desk.done(task);
  };
  return await until(done, { withinMs: 20_000, what: doing.what });
}
const pressed = (input = 'desk') => does({ what: 'press', input });
const marks = () => world.raised.map(({ mark }) => mark ?? null);

it('presses in service mode alone: marked, told, and ended by who pressed', async () => {
  expect(() => desk.do({ what: 'press', input: 'desk' }, 'chen')).toThrow(Refusal);
  const began = await desk.begin('chen');
  expect(began.inputs.map(({ id }) => id)).toEqual(['desk', 'gate', 'quiet']);
  expect(() => desk.do({ what: 'press', input: 'reset' }, 'chen')).toThrow(/no such button/);
  expect(await pressed()).toMatchObject({ ok: true });
  expect(marks()).toEqual(['service']);
  const [hop] = desk.look().hops;
  expect(hop).toMatchObject({ input: 'desk', mark: 'service', presses: 1, resolved: false });
  expect(hop?.receivedMs).not.toBeNull();
  await does({ what: 'resolve', incident: hop?.incident ?? '' });
  expect(desk.look().hops[0]).toMatchObject({ resolved: true });
  await desk.end('chen');
  expect(desk.look().window).toBe(false);
  expect(() => desk.do({ what: 'press', input: 'desk' }, 'chen')).toThrow(Refusal);
  expect(() => desk.do({ what: 'cut', seconds: 5 }, 'chen')).toThrow(Refusal);
  expect(cuts).toEqual([]);
  await world.press('desk');
  expect(marks()).toEqual(['service', null]);
});

it('does nothing in the last moments of service mode, which might be over when it is done', async () => {
  await desk.begin('chen');
  await world.passes(30 * minuteMs - 19_000);
  expect(() => desk.do({ what: 'press', input: 'desk' }, 'chen')).toThrow(/would be real/);
  await world.passes(19_000);
  expect(desk.look().window).toBe(false);
  await desk.begin('chen');
  expect(await pressed()).toMatchObject({ ok: true });
  expect(marks()).toEqual(['service']);
});

it('does not begin beside an alarm, nor in a window of somebody else’s', async () => {
  await world.press('gate');
  await expect(desk.begin('chen')).rejects.toThrow(Refusal);
  expect(() => desk.do({ what: 'press', input: 'desk' }, 'chen')).toThrow(Refusal);
  const [alarm] = world.raised;
  await world.command({
    verb: 'resolve',
    incident: alarm?.incident ?? '',
    reason: 'x',
    note: null,
  });
  await world.command({ verb: 'window.open', mark: 'drill', minutes: 15, siren: false });
  await expect(desk.begin('chen')).rejects.toThrow(Refusal);
  expect(() => desk.do({ what: 'press', input: 'desk' }, 'chen')).toThrow(Refusal);
});

it('takes no press away: the guard’s hand after a simulated one counts', async () => {
  await desk.begin('chen');
  await pressed();
  const [hop] = desk.look().hops;
  await does({ what: 'resolve', incident: hop?.incident ?? '' });
  await desk.end('chen');
  await world.press('desk');
  expect(marks()).toEqual(['service', null]);
  expect(world.raised).toHaveLength(2);
  await expect(desk.begin('chen')).rejects.toThrow(Refusal);
});

it('is void after a restart', async () => {
  await desk.begin('chen');
  await world.killed();
  await (await world.start()).online();
  desk = deskOf(world);
  expect(desk.look().window).toBe(false);
  expect(() => desk.do({ what: 'press', input: 'desk' }, 'chen')).toThrow(Refusal);
});

it('tells what is not there, and knows its own tasks alone', async () => {
  await desk.begin('chen');
  for (const what of ['live', 'loop', 'range'] as const)
    expect(await does({ what })).toMatchObject({ ok: false, absent: true });
  expect(await does({ what: 'part', part: 'clock' })).toMatchObject({ ok: true });
  await does({ what: 'cut', seconds: 5 });
  expect(cuts).toEqual([5_000]);
  expect(() => desk.done('nobody’s')).toThrow(Refusal);
});

it('ends service mode when whoever opened it has gone, and not while they look', async () => {
  await desk.begin('chen');
  for (let n = 0; n < 10; n++) {
    await world.passes(goneMs - 1_000);
    expect(desk.look().window).toBe(true);
  }
  await world.passes(goneMs);
  expect(desk.look().window).toBe(false);
  await world.press('desk');
  expect(marks()).toEqual([null]);
});
