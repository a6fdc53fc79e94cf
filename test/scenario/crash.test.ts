import { describe, expect, it } from 'vitest';
import { VirtualClock } from '#test/fakes/clock.ts';
import { World } from './world.ts';

describe('killed and started again', () => {
  it('before the link: the same press under the same id, once', async () => {
    const world = await new World().start();
    await world.press('desk');
    await world.killed();
    await (await world.start()).online();
    expect(world.raised).toHaveLength(1);
    expect(world.word).toBe('received');
    expect(world.dome.actuators.strobe).toBe(true);
  });

  it('between PUBACK and receipt: sent again, the same bytes', async () => {
    const world = await (await new World().start()).online({ receipts: false });
    await world.press('desk');
    const first = world.uplink.wire.find(({ topic }) => topic.endsWith('/alarm'))?.payload;
    await world.killed();
    await (await world.start()).online();
    const again = world.uplink.wire.find(({ topic }) => topic.endsWith('/alarm'))?.payload;
    expect(again).toBe(first);
    expect(world.word).toBe('received');
  });

  it('a press made while the daemon was dead is made up for', async () => {
    const world = await (await new World().start()).online();
    await world.press('gate');
    await world.killed();
    await world.press('desk');
    await (await world.start()).online();
    expect(world.raised.map(({ incident }) => incident)).toHaveLength(1);
    expect(world.dome.actuators.strobe).toBe(true);
  });

  it('resolved but the light not yet off: it goes off at the next start', async () => {
    const world = await (await new World().start()).online();
    await world.press('desk');
    const incident = world.raised[0]?.incident ?? '';
    world.dome.lose();
    await world.command({ verb: 'resolve', incident, reason: 'handled', note: null });
    await world.killed();
    world.dome.restore();
    await world.start();
    await world.passes(5_000);
    expect(world.dome.actuators).toMatchObject({ strobe: false, siren: false });
  });

  it('SIGTERM says goodbye and keeps everything', async () => {
    const world = await (await new World().start()).online({ receipts: false });
    await world.press('desk');
    await world.stops();
    expect(world.store.audit.at(-1)?.kind).toBe('terminal.stopping');
    await (await world.start()).online();
    expect(world.raised).toHaveLength(1);
  });
});

describe('the dome reboots in the middle of an alarm', () => {
  it('is lit again within 5 s of its return', async () => {
    const world = await (await new World().start()).online();
    await world.press('desk');
    world.dome.lose();
    world.dome.forget();
    await world.passes(30_000);
    expect(world.dome.actuators.strobe).toBe(false);
    world.dome.restore();
    await world.passes(5_000);
    expect(world.dome.actuators.strobe).toBe(true);
  });
});

describe('a row that cannot be read', () => {
  it('counts as an open incident: lit and told at the next start, dark after its resolution', async () => {
    const world = await (await new World().start()).online();
    await world.press('desk');
    const { incident = '' } = world.raised[0] ?? {};
    await world.killed();
    world.store.spoil('incidents', incident, '{"id":"torn');
    await (await world.start()).online();
    expect(world.dome.actuators).toMatchObject({ strobe: true, siren: false });
    expect(world.told).toMatchObject([{ kind: 'record.unreadable', incident }]);
    expect(world.word).toBe('received');
    await world.killed();
    await (await world.start()).online();
    expect(world.toldKinds).not.toContain('record.unreadable');
    expect(world.dome.actuators.strobe).toBe(true);
    await world.command({ verb: 'resolve', incident, reason: 'handled', note: null });
    expect(world.dome.actuators.strobe).toBe(false);
  });
});

describe('the disk does not take the press (rule 2)', () => {
  it.each(['hangs', 'fails'])(
    '%s: the alarm goes out anyway, and is never called stored',
    async (how) => {
      const world = await (await new World().start()).online();
      const words = world.words.length;
      if (how === 'hangs') world.store.hanging = true;
      else world.store.failNext = 3;
      await world.press('desk');
      expect(world.raised).toHaveLength(1);
      expect(world.dome.actuators.strobe).toBe(true);
      expect(world.words.slice(words)).not.toContain('stored');
      expect(world.words.slice(words)).toContain('received');
      const { id } = world.raised[0] ?? { id: '' };
      world.store.hanging = false;
      await world.press('gate');
      await world.passes(2_000);
      expect(world.toldKinds).toContain('fault.cleared');
      expect(world.lamp.target?.fault).toBe(false);
      await world.killed();
      await (await world.start()).online();
      expect(world.word).toBe('received');
      expect(world.store.figures().outboxRows).toBe(0);
      expect(world.told.some((told) => told.id === id)).toBe(false);
    },
  );

  it('while the link is down, too: the press waits in memory and goes out with the link', async () => {
    const world = await new World().start();
    world.store.hanging = true;
    await world.press('desk');
    expect(world.word).toBe('unstored');
    await world.online();
    expect(world.raised).toHaveLength(1);
    expect(world.words).not.toContain('stored');
  });
});

/** A clock that moves on between two looks, with timers that come a little early, as Node's do. */
class MovingClock extends VirtualClock {
  override now() {
    this.monoMs += 0.1;
    return super.now();
  }

  override after(delayMs: number, call: () => void) {
    return super.after(Math.max(0, delayMs - 0.8), call);
  }
}

describe('a deadline that passes between two looks at the clock', () => {
  it('is not lost: the lamp goes from resolved to ready every time', async () => {
    const world = await (await new World(new MovingClock()).start()).online();
    for (let round = 0; round < 20; round++) {
      await world.press('desk');
      const incident = world.raised.at(-1)?.incident ?? '';
      await world.command({ verb: 'resolve', incident, reason: 'handled', note: null });
      expect(world.word).toBe('resolved');
      await world.passes(10_010);
      expect(world.word).toBe('ready');
    }
  });
});

describe('an idle terminal', () => {
  it('writes next to nothing', async () => {
    const world = await (await new World().start()).online();
    await world.passes(5_000);
    const before = world.store.figures().transactions;
    await world.passes(600_000);
    expect(world.store.figures().transactions - before).toBeLessThanOrEqual(10);
  });

  it('tells the head of its chain once a day', async () => {
    const world = await (await new World().start()).online();
    await world.passes(3 * 86_400_000);
    expect(world.toldKinds.filter((kind) => kind === 'chain.head')).toHaveLength(4);
  });
});

describe('commands', () => {
  it('are committed together with their answer, and a seen id gets it again after a crash', async () => {
    const world = await (await new World().start()).online();
    await world.press('desk');
    const incident = world.raised[0]?.incident ?? '';
    const first = await world.command({ verb: 'take', incident }, { id: 'same' });
    await world.killed();
    await (await world.start()).online();
    expect(await world.command({ verb: 'take', incident }, { id: 'same' })).toEqual(first);
    const taken = world.store.audit.filter(({ kind }) => kind === 'command.received');
    expect(taken).toHaveLength(2);
  });

  it('a refused one is in the audit log as well', async () => {
    const world = await (await new World().start()).online();
    const answer = await world.command({ verb: 'status' }, { bootId: 'another' });
    expect(answer).toMatchObject({ ok: false, reason: 'wrong-boot' });
    expect(world.store.audit.at(-1)?.kind).toBe('command.received');
  });

  it('a lamp test runs on the lamp, a dome test on the dome', async () => {
    const world = await (await new World().start()).online();
    await world.command({ verb: 'test', part: 'lamp' }, { role: 'installer' });
    expect(world.uplink.replies).toHaveLength(0);
    world.lamp.finish();
    await world.passes(0);
    expect(world.uplink.replies.at(-1)?.answer).toMatchObject({ ok: true, verb: 'test' });
    await world.command({ verb: 'test', part: 'strobe' }, { role: 'installer' });
    await world.passes(5_000);
    expect(world.uplink.replies.at(-1)?.answer).toMatchObject({
      ok: true,
      result: { verified: true },
    });
    expect(world.dome.history.filter(({ what }) => what === 'strobe').map(({ on }) => on)).toEqual([
      true,
      false,
    ]);
  });
});
