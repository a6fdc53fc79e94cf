// Drill and service mode, as people at both ends live it; the terminal whole, its dome looked at.

import { describe, expect, it } from 'vitest';
import { World } from './world.ts';

const drill = { verb: 'window.open', mark: 'drill', minutes: 15, siren: false } as const;
const service = { ...drill, mark: 'service', minutes: 30 } as const;
const resolves = (incident: string, as?: 'drill' | 'real') =>
  ({ verb: 'resolve', incident, reason: 'done', note: null, ...(as && { as }) }) as const;

async function open(): Promise<World> {
  return await (await new World().start()).online();
}

describe('a drill', () => {
  it('is pressed, taken and resolved as an alarm, marked at every hop, without the siren', async () => {
    const world = await open();
    expect(await world.command(drill)).toMatchObject({ ok: true });
    await world.press('desk');
    expect(world.raised).toMatchObject([{ mark: 'drill' }]);
    expect(world.dome.actuators).toMatchObject({ strobe: true, siren: false, preset: 'alarm' });
    expect(world.words).toEqual(['ready', 'stored', 'received']);
    expect(world.lamp.target?.mark).toBe('drill');
    expect(world.uplink.status).toMatchObject({
      window: { mark: 'drill' },
      incidents: [{ mark: 'drill', step: 'received' }],
    });
    const incident = world.raised[0]?.incident ?? '';
    await world.command({ verb: 'take', incident });
    await world.command(resolves(incident, 'drill'));
    expect(world.dome.actuators).toMatchObject({ strobe: false, preset: 'guard' });
    expect(world.told.at(-1)).toMatchObject({ kind: 'incident.resolved', mark: 'drill' });
    await world.passes(15 * 60_000);
    await world.press('desk');
    expect(world.raised.at(-1)).toMatchObject({ mark: null });
    expect(world.dome.actuators).toMatchObject({ strobe: true, siren: true });
  });

  it('becomes real under a hand that holds, and what was told of the drill does not count', async () => {
    const world = await open();
    await world.command(drill);
    world.uplink.sendsReceipts = false;
    world.inputs.press('desk');
    await world.passes(2_000);
    world.uplink.receipt(world.uplink.unsettled);
    await world.passes(0);
    expect([world.word, world.dome.actuators.siren]).toEqual(['received', false]);
    await world.passes(1_000);
    expect([world.word, world.dome.actuators.siren]).toEqual(['sent', true]);
    expect(world.told.find(({ kind }) => kind === 'incident.made-real')).toMatchObject({
      ...{ incident: world.raised[0]?.incident, was: 'drill', reason: 'held', mark: null },
    });
    await world.passes(10_000);
    expect(world.word).toBe('undelivered');
    world.uplink.receipt(world.uplink.unsettled);
    await world.passes(0);
    expect([world.word, world.lamp.target?.mark]).toEqual(['received', null]);
  });

  it('ends with the process: after SIGKILL the next press is real, and the platform knows', async () => {
    const world = await open();
    await world.command(drill);
    await world.press('desk');
    await world.killed();
    await (await world.start()).online();
    expect(world.told.find(({ kind }) => kind === 'window.closed')).toMatchObject({
      ...{ mark: 'drill', reason: 'restart' },
    });
    expect(world.uplink.status).toMatchObject({ window: null, incidents: [{ mark: 'drill' }] });
    expect(world.dome.actuators.siren).toBe(false);
    await world.press('desk');
    expect(world.raised.at(-1)).toMatchObject({ mark: null });
    expect(world.dome.actuators).toMatchObject({ strobe: true, siren: true });
    const [first] = world.everTold.filter(({ kind }) => kind === 'alarm.raised');
    await world.command(resolves(first?.incident ?? '', 'drill'));
    expect(world.dome.actuators).toMatchObject({ strobe: true, siren: true });
  });

  it('that cannot be stored is marked all the same, and its real one goes out from memory', async () => {
    const world = await open();
    await world.command(drill);
    world.store.failNext = 1_000;
    await world.press('desk');
    expect(world.raised).toMatchObject([{ mark: 'drill' }]);
    await world.press('desk');
    await world.press('desk');
    expect(world.toldKinds).toContain('incident.made-real');
    expect(world.words).not.toContain('stored');
    expect(world.dome.actuators.siren).toBe(true);
  });
});

describe('service mode', () => {
  it('presses and tests disturb nobody at the gate', async () => {
    const world = await open();
    await world.command(service, { role: 'installer' });
    await world.press('desk');
    await world.press('quiet');
    expect(world.raised).toMatchObject([{ mark: 'service' }, { mark: 'service' }]);
    expect(world.dome.actuators).toMatchObject({ strobe: false, siren: false, preset: 'guard' });
    for (const { incident = '' } of world.raised) await world.command(resolves(incident));
    expect(world.word).toBe('resolved');
  });
});
