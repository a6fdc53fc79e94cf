import { describe, expect, it } from 'vitest';
import { World } from './world.ts';

const resolve = (incident: string) =>
  ({ verb: 'resolve', incident, reason: 'handled', note: null }) as const;

describe('one press, end to end', () => {
  it('stored, sent, received, seen, taken, resolved: lamp, light and platform agree', async () => {
    const world = await (await new World().start()).online({ receipts: false });
    await world.press('desk');
    world.uplink.sendsReceipts = true;
    world.uplink.receipt(world.uplink.unsettled);
    await world.passes(0);
    expect(world.words.slice(-3)).toEqual(['stored', 'sent', 'received']);
    expect(world.dome.actuators).toEqual({
      ...{ strobe: true, siren: true, dayNight: true, preset: 'alarm', tracking: true },
    });
    const incident = world.raised[0]?.incident ?? '';
    await world.command({ verb: 'seen', incident });
    expect(world.word).toBe('seen');
    await world.command({ verb: 'take', incident });
    expect(world.word).toBe('taken');
    expect(await world.command(resolve(incident))).toMatchObject({ ok: true });
    expect(world.dome.actuators).toEqual({
      ...{ strobe: false, siren: false, dayNight: false, preset: 'guard', tracking: false },
    });
    expect(world.word).toBe('resolved');
    await world.passes(10_000);
    expect(world.word).toBe('ready');
    expect(world.store.figures().outboxRows).toBe(0);
  });

  it('nothing is told before the row is on disk', async () => {
    const world = await (await new World().start()).online();
    const commit = world.store.commit.bind(world.store);
    const seen: unknown[] = [];
    world.store.commit = (turn, meanwhile) => {
      const committed = commit(turn, meanwhile);
      // What is made ready meanwhile has not left.
      if (turn.enqueue.some(({ body }) => body.kind === 'alarm.raised'))
        seen.push(world.raised.length, world.dome.actuators.strobe, world.word);
      return committed;
    };
    await world.press('desk');
    expect(seen).toEqual([0, false, 'ready']);
    expect(world.raised).toHaveLength(1);
  });

  it('every alarm carries the head of the chain that holds its press', async () => {
    const world = await (await new World().start()).online();
    await world.press('desk');
    const head = world.raised[0]?.chain;
    const row = world.store.audit.find(({ seq }) => seq === head?.seq);
    expect(row?.hash).toBe(head?.hash);
    expect(row?.kind).toBe('input.changed');
  });

  it('a release is no record, a receipt for the alarm is one', async () => {
    const world = await (await new World().start()).online();
    await world.press('desk');
    const kinds = world.store.audit.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'input.changed')).toHaveLength(1);
    expect(kinds).toContain('uplink.received');
    expect(kinds).not.toContain('uplink.acked');
  });
});

describe('the line is down', () => {
  it('ten presses wait, go out before anything else, and the lamp tells the truth meanwhile', async () => {
    const world = await new World().start();
    expect(world.lamp.target?.linkDown).toBe(true);
    await world.press('desk');
    await world.press('gate');
    expect(world.word).toBe('stored');
    await world.passes(10_000);
    expect(world.word).toBe('undelivered');
    await world.online();
    expect(world.word).toBe('received');
    expect(world.toldKinds.slice(0, 2)).toEqual(['alarm.raised', 'alarm.raised']);
  });

  it('a platform that sends no receipts leaves the lamp at sent, then at not delivered', async () => {
    const world = await (await new World().start()).online({ receipts: false });
    await world.press('desk');
    expect(world.word).toBe('sent');
    await world.passes(10_000);
    expect(world.word).toBe('undelivered');
    world.uplink.receipt([world.raised[0]?.id ?? '']);
    await world.passes(0);
    expect(world.word).toBe('received');
  });
});

describe('a silent alarm', () => {
  it('reaches the platform, and the room shows a discreet sign only', async () => {
    const world = await (await new World().start()).online();
    await world.press('quiet');
    expect(world.raised).toHaveLength(1);
    expect(world.lamp.target).toMatchObject({ word: 'ready', silent: 'received' });
    expect(world.dome.history.filter(({ on }) => on === true)).toEqual([]);
    expect(world.dome.actuators.preset).toBe('guard');
  });
});
