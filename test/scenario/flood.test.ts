import { describe, expect, it } from 'vitest';
import { commandLimits } from '#agent/core/flood.ts';
import { World } from './world.ts';

describe('a console gone mad', () => {
  it('presses go through, the chain has one count a minute, the city may still resolve', async () => {
    const world = await (await new World().start()).online();
    const mad = { role: 'school' } as const;
    for (let n = 0; n < 300; n++) await world.command({ verb: 'siren-off' }, mad);
    const records = world.store.audit.length;
    await world.press('desk');
    for (let n = 0; n < 300; n++) await world.command({ verb: 'siren-off' }, mad);
    await world.press('gate');
    expect(world.raised).toHaveLength(2);
    expect(world.word).toBe('received');
    expect(world.dome.actuators.siren).toBe(true);
    expect((await world.command({ verb: 'status' }, mad))?.reason).toBe('too-many');
    const incident = world.raised[0]?.incident ?? '';
    const taken = await world.command({ verb: 'take', incident }, { role: '110-district' });
    expect(taken?.ok).toBe(true);
    expect(world.store.audit.length - records).toBeLessThan(10);
    await world.passes(60_000);
    const counted = world.store.audit.filter(({ kind }) => kind === 'commands.refused');
    expect(counted).toHaveLength(1);
    const { user } = commandLimits.school;
    expect(JSON.parse(counted[0]?.body ?? '').fact.roles).toEqual([
      { role: 'school', user: 'li', count: 601 - user },
    ]);
    expect((await world.command({ verb: 'status' }, mad))?.ok).toBe(true);
  });
});
